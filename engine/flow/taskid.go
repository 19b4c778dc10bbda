package flow

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
)

// TaskID names the activation run of a node in a scope: a UUID of version 8 (RFC 9562 §5.8) made from its arguments alone, so
// that the same activation has the same id however often it is computed.
func TaskID(process, scope, node string, run int) string {
	var buf [192]byte
	b := append(buf[:0], process...)
	b = append(b, 0)
	b = append(b, scope...)
	b = append(b, 0)
	b = append(b, node...)
	b = append(b, 0)
	b = strconv.AppendInt(b, int64(run), 10)
	sum := sha256.Sum256(b)
	sum[6] = sum[6]&0x0f | 0x80
	sum[8] = sum[8]&0x3f | 0x80

	var text [36]byte
	hex.Encode(text[0:8], sum[0:4])
	text[8] = '-'
	hex.Encode(text[9:13], sum[4:6])
	text[13] = '-'
	hex.Encode(text[14:18], sum[6:8])
	text[18] = '-'
	hex.Encode(text[19:23], sum[8:10])
	text[23] = '-'
	hex.Encode(text[24:36], sum[10:16])
	return string(text[:])
}
