package signature

import (
	"bytes"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"errors"
)

// deepest bounds how far elements may lie inside one another: CMS with a time stamp inside needs about 20.
const deepest = 64

var (
	errTruncated = errors.New("the encoding ends too early")
	errTooDeep   = errors.New("the encoding is nested too deeply")
	errEncoding  = errors.New("the encoding is broken")
	errTrailing  = errors.New("something follows the encoded structure")
)

// toDER turns BER (X.690, 8: indefinite lengths, strings in pieces, as signers write while they stream) into DER. What is
// DER already stays as it is, byte for byte.
func toDER(raw []byte) ([]byte, error) {
	out, rest, err := recode(make([]byte, 0, len(raw)), raw, 0)
	if err == nil && len(rest) > 0 {
		err = errTrailing
	}
	return out, err
}

// head reads a tag and a length. The length is -1 when it is indefinite.
func head(raw []byte) (tag []byte, length int, rest []byte, err error) {
	if len(raw) < 2 {
		return nil, 0, nil, errTruncated
	}
	end := 1
	if raw[0]&0x1f == 0x1f { // a tag number of several bytes (X.690, 8.1.2.4)
		for end < len(raw) && raw[end]&0x80 != 0 {
			end++
		}
		end++
		if end > 5 {
			return nil, 0, nil, errEncoding
		}
	}
	if end >= len(raw) {
		return nil, 0, nil, errTruncated
	}
	tag, first, rest := raw[:end], raw[end], raw[end+1:]
	switch {
	case first < 0x80:
		length = int(first)
	case first == 0x80:
		return tag, -1, rest, nil
	default:
		n := int(first & 0x7f)
		if n > 4 {
			return nil, 0, nil, errEncoding
		}
		if n > len(rest) {
			return nil, 0, nil, errTruncated
		}
		for _, b := range rest[:n] {
			length = length<<8 | int(b)
		}
		rest = rest[n:]
	}
	if length > len(rest) {
		return nil, 0, nil, errTruncated
	}
	return tag, length, rest, nil
}

// recode appends the next element of raw to out as DER.
func recode(out, raw []byte, depth int) (encoded, rest []byte, err error) {
	if depth > deepest {
		return nil, nil, errTooDeep
	}
	tag, length, body, err := head(raw)
	if err != nil {
		return nil, nil, err
	}
	if tag[0]&0x20 == 0 {
		if length < 0 || tag[0] == 0 {
			return nil, nil, errEncoding
		}
		return append(appendHead(out, tag, length), body[:length]...), body[length:], nil
	}
	inside := body
	if length >= 0 {
		inside, rest = body[:length], body[length:]
	}
	// A string in pieces (X.690, 8.7.3) becomes one.
	joins := bytes.Equal(tag, []byte{0x20 | asn1.TagOctetString})
	var content []byte
	for length < 0 || len(inside) > 0 {
		if length < 0 && len(inside) >= 2 && inside[0] == 0 && inside[1] == 0 {
			rest = inside[2:]
			break
		}
		before := len(content)
		if content, inside, err = recode(content, inside, depth+1); err != nil {
			return nil, nil, err
		}
		if joins {
			pieceTag, pieceLength, piece, err := head(content[before:])
			if err != nil || pieceTag[0] != asn1.TagOctetString {
				return nil, nil, errEncoding
			}
			content = append(content[:before], piece[:pieceLength]...)
		}
	}
	if joins {
		tag = []byte{asn1.TagOctetString}
	}
	return append(appendHead(out, tag, len(content)), content...), rest, nil
}

func appendHead(out, tag []byte, length int) []byte {
	out = append(out, tag...)
	switch {
	case length < 0x80:
		return append(out, byte(length))
	case length <= 0xff:
		return append(out, 0x81, byte(length))
	case length <= 0xffff:
		return append(out, 0x82, byte(length>>8), byte(length))
	case length <= 0xffffff:
		return append(out, 0x83, byte(length>>16), byte(length>>8), byte(length))
	default:
		return append(out, 0x84, byte(length>>24), byte(length>>16), byte(length>>8), byte(length))
	}
}

// bare takes the text forms off: PEM of any label, or base64 alone, as many signing programs write it.
func bare(raw []byte) []byte {
	text := bytes.TrimSpace(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf")))
	if block, _ := pem.Decode(text); block != nil {
		return block.Bytes
	}
	if len(text) == 0 || text[0] != 'M' { // base64 of 0x30, a SEQUENCE
		return raw
	}
	compact := bytes.Map(func(r rune) rune {
		if r == '\n' || r == '\r' || r == ' ' || r == '\t' {
			return -1
		}
		return r
	}, text)
	decoded := make([]byte, base64.StdEncoding.DecodedLen(len(compact)))
	n, err := base64.StdEncoding.Decode(decoded, compact)
	if err != nil {
		return raw
	}
	return decoded[:n]
}
