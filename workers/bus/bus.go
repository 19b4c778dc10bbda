// Package bus is how messages travel on an enterprise bus: SOAP 1.2 with WS-Addressing 1.0, or plain XML with the addressing in HTTP
// headers; files travel along as parts of multipart/related (RFC 2387). Sender, server and simulator share it.
//
// It imports the standard library and xmldoc.
package bus

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/textproto"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/taskurotta/taskurotta-go/workers/xmldoc"
)

// Format is how a message is written.
type Format string

// The formats.
const (
	SOAP  Format = "soap"
	Plain Format = "xml"
)

// Message is one message. Its payload is one XML element.
type Message struct {
	ID        string // unique per sender: the same one sent again is the same message
	RelatesTo string // id of the message that this one answers
	Action    string // what it is about; the name that the receiver knows it by
	From      string
	To        string
	ReplyTo   string // where an answer goes
	Key       string // correlation key, given back in answers
	Payload   []byte
}

// Attachment is a file that travels along.
type Attachment struct {
	Name      string
	MediaType string
	Open      func() (io.ReadCloser, error)
}

// The names of SOAP 1.2, WS-Addressing 1.0 and of our own header.
const (
	soapNamespace       = "http://www.w3.org/2003/05/soap-envelope"
	addressingNamespace = "http://www.w3.org/2005/08/addressing"
	ownNamespace        = "urn:taskurotta:bus:1"
)

// Headers of plain messages.
const (
	HeaderID        = "Bus-Message-Id"
	HeaderRelatesTo = "Bus-Relates-To"
	HeaderAction    = "Bus-Action"
	HeaderFrom      = "Bus-From"
	HeaderTo        = "Bus-To"
	HeaderReplyTo   = "Bus-Reply-To"
	HeaderKey       = "Bus-Correlation-Key"
)

// headers pairs the parts of a message with their headers.
func (m *Message) headers() []struct {
	name  string
	value *string
} {
	return []struct {
		name  string
		value *string
	}{
		{HeaderID, &m.ID}, {HeaderRelatesTo, &m.RelatesTo}, {HeaderAction, &m.Action}, {HeaderFrom, &m.From}, {HeaderTo, &m.To},
		{HeaderReplyTo, &m.ReplyTo}, {HeaderKey, &m.Key},
	}
}

// The bounds of a message.
const (
	MaxRoot        = 8 << 20 // bytes of the envelope or the plain payload
	MaxAttachments = 200
	maxField       = 1000 // bytes of an address, id or key
)

// Check says what keeps a message from being sent; nil when nothing does.
func (m *Message) Check() error {
	if m.ID == "" || m.Action == "" {
		return errors.New("a message needs an id and an action")
	}
	for _, header := range m.headers() {
		if len(*header.value) > maxField || strings.ContainsFunc(*header.value, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\uFFFD' }) {
			return fmt.Errorf("%s is too long or holds control characters", header.name)
		}
	}
	document, err := xmldoc.Read(m.Payload)
	if err != nil {
		return fmt.Errorf("the payload can't be sent: %w", err)
	}
	if document.Root() == nil {
		return errors.New("the payload is empty")
	}
	return nil
}

// Encoded is a message ready to be written to a request.
type Encoded struct {
	ContentType string
	Header      map[string]string // besides Content-Type
	root        []byte
	rootType    string
	boundary    string
	attachments []Attachment
}

// Encode checks a message and makes it ready to be sent.
func (m *Message) Encode(format Format, attachments ...Attachment) (*Encoded, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	if len(attachments) > MaxAttachments {
		return nil, fmt.Errorf("a message carries at most %d files", MaxAttachments)
	}
	e := &Encoded{Header: map[string]string{}, attachments: attachments}
	if format == Plain {
		e.root, e.rootType = m.Payload, "application/xml"
		for _, header := range m.headers() {
			if *header.value != "" {
				e.Header[header.name] = mime.QEncoding.Encode("utf-8", *header.value)
			}
		}
	} else {
		e.root, e.rootType = m.envelope(), "application/soap+xml"
	}
	e.ContentType = e.rootType + "; charset=utf-8"
	if format != Plain {
		e.ContentType += "; " + parameter("action", m.Action)
	}
	if len(attachments) > 0 {
		e.boundary = multipart.NewWriter(io.Discard).Boundary()
		e.ContentType = fmt.Sprintf("multipart/related; boundary=%s; type=%q; start=%q", e.boundary, e.rootType, "<root>")
	}
	return e, nil
}

// parameter writes a media type's parameter, which may hold any character.
func parameter(name, value string) string {
	_, written, _ := strings.Cut(mime.FormatMediaType("a/b", map[string]string{name: value}), "; ")
	return written
}

// Size is the length of the body in bytes; -1 when files make it unknown.
func (e *Encoded) Size() int64 {
	if len(e.attachments) > 0 {
		return -1
	}
	return int64(len(e.root))
}

// Write writes the body, files included.
func (e *Encoded) Write(w io.Writer) error {
	if len(e.attachments) == 0 {
		_, err := w.Write(e.root)
		return err
	}
	parts := multipart.NewWriter(w)
	if err := parts.SetBoundary(e.boundary); err != nil {
		return err
	}
	root, err := parts.CreatePart(textproto.MIMEHeader{"Content-Type": {e.rootType + "; charset=utf-8"}, "Content-Id": {"<root>"}})
	if err != nil {
		return err
	}
	if _, err := root.Write(e.root); err != nil {
		return err
	}
	for i, one := range e.attachments {
		if err := writeAttachment(parts, i, one); err != nil {
			return fmt.Errorf("attach %s: %w", one.Name, err)
		}
	}
	return parts.Close()
}

func writeAttachment(parts *multipart.Writer, i int, one Attachment) error {
	mediaType := one.MediaType
	if mediaType == "" {
		mediaType = "application/octet-stream"
	}
	part, err := parts.CreatePart(textproto.MIMEHeader{
		"Content-Type": {mediaType}, "Content-Id": {fmt.Sprintf("<file-%d>", i+1)}, "Content-Transfer-Encoding": {"binary"},
		"Content-Disposition": {mime.FormatMediaType("attachment", map[string]string{"filename": one.Name})},
	})
	if err != nil {
		return err
	}
	content, err := one.Open()
	if err != nil {
		return err
	}
	defer content.Close()
	_, err = io.Copy(part, content)
	return err
}

func (m *Message) envelope() []byte {
	var out strings.Builder
	out.WriteString(`<env:Envelope xmlns:env="` + soapNamespace + `" xmlns:wsa="` + addressingNamespace + `"><env:Header>`)
	block := func(name, value string, isAddress bool) {
		if value == "" {
			return
		}
		if isAddress {
			out.WriteString("<" + name + "><wsa:Address>" + escape(value) + "</wsa:Address></" + name + ">")
			return
		}
		out.WriteString("<" + name + ">" + escape(value) + "</" + name + ">")
	}
	block("wsa:MessageID", m.ID, false)
	block("wsa:Action", m.Action, false)
	block("wsa:To", m.To, false)
	block("wsa:From", m.From, true)
	block("wsa:ReplyTo", m.ReplyTo, true)
	block("wsa:RelatesTo", m.RelatesTo, false)
	if m.Key != "" {
		out.WriteString(`<t:CorrelationKey xmlns:t="` + ownNamespace + `">` + escape(m.Key) + `</t:CorrelationKey>`)
	}
	out.WriteString("</env:Header><env:Body>")
	out.Write(stripProlog(m.Payload))
	out.WriteString("</env:Body></env:Envelope>")
	return []byte(out.String())
}

// stripProlog takes the declaration off a payload, which is UTF-8 by now, so that it can stand inside another document.
func stripProlog(payload []byte) []byte {
	document, err := xmldoc.Read(payload)
	if err != nil {
		return payload // was checked
	}
	alone, err := xmldoc.Alone(document.Root())
	if err != nil {
		return payload
	}
	return alone
}

func escape(text string) string {
	var out strings.Builder
	_ = xml.EscapeText(&out, []byte(text)) // into memory
	return out.String()
}

// Received is a message that came, with what the transport needs to answer it.
type Received struct {
	Message
	Format Format
	Body   *etree.Element // the payload
}

// Decode reads a message. header returns the value of an HTTP header; attach is called for each file, in order, and reads it. What
// is wrong with a message is a *Fault.
func Decode(contentType string, header func(string) string, body io.Reader, attach func(name, mediaType string, content io.Reader) error) (*Received, error) {
	media, parameters, err := mime.ParseMediaType(contentType)
	if err != nil {
		return nil, &Fault{Code: Sender, Subcode: "ContentType", Reason: "the Content-Type can't be read"}
	}
	var parts *multipart.Reader
	if media == "multipart/related" {
		if parameters["boundary"] == "" {
			return nil, &Fault{Code: Sender, Subcode: "ContentType", Reason: "multipart/related without a boundary"}
		}
		parts = multipart.NewReader(body, parameters["boundary"])
		root, err := parts.NextRawPart()
		if err != nil {
			return nil, broken(err)
		}
		if start := parameters["start"]; start != "" && root.Header.Get("Content-Id") != start {
			return nil, &Fault{Code: Sender, Subcode: "ContentType", Reason: "the root part does not come first"}
		}
		if media, _, err = mime.ParseMediaType(root.Header.Get("Content-Type")); err != nil {
			return nil, &Fault{Code: Sender, Subcode: "ContentType", Reason: "the type of the root part can't be read"}
		}
		body = root
	}
	received, err := decodeRoot(media, header, body)
	if err != nil || parts == nil {
		return received, err
	}
	for n := 0; ; n++ {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return received, nil
		}
		if err != nil {
			return nil, broken(err)
		}
		if n == MaxAttachments {
			return nil, &Fault{Code: Sender, Subcode: "TooManyFiles", Reason: fmt.Sprintf("a message carries at most %d files", MaxAttachments)}
		}
		if encoding := part.Header.Get("Content-Transfer-Encoding"); encoding != "" && !slices.Contains([]string{"binary", "8bit", "7bit"}, strings.ToLower(encoding)) {
			return nil, &Fault{Code: Sender, Subcode: "Encoding", Reason: "files travel as they are, not in the encoding " + clip(encoding)}
		}
		name := part.FileName()
		if name == "" {
			name = fmt.Sprintf("file-%d", n+1)
		}
		mediaType, _, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
		if err != nil {
			mediaType = "application/octet-stream"
		}
		if err := attach(name, mediaType, part); err != nil {
			return nil, err
		}
	}
}

func broken(err error) *Fault {
	return &Fault{Code: Sender, Subcode: "Body", Reason: "the parts of the message can't be read: " + clip(err.Error())}
}

func decodeRoot(media string, header func(string) string, body io.Reader) (*Received, error) {
	received := &Received{Format: SOAP}
	switch media {
	case "application/soap+xml":
	case "application/xml", "text/xml":
		received.Format = Plain
	default:
		return nil, &Fault{Code: Sender, Subcode: "ContentType", Reason: "a message is application/soap+xml or application/xml, not " + clip(media)}
	}
	raw, err := io.ReadAll(io.LimitReader(body, MaxRoot+1))
	if err != nil {
		return nil, broken(err)
	}
	if len(raw) > MaxRoot {
		return nil, &Fault{Code: Sender, Subcode: "TooLarge", Reason: fmt.Sprintf("the message is larger than %d MiB; send files as parts", MaxRoot>>20)}
	}
	document, err := xmldoc.Read(raw)
	if err != nil {
		return nil, &Fault{Code: Sender, Subcode: "XML", Reason: "the message can't be read: " + clip(err.Error())}
	}
	if received.Format == Plain {
		if document.Root().Tag == "Envelope" && strings.Contains(document.Root().NamespaceURI(), "soap") {
			return nil, &Fault{Code: VersionMismatch, Reason: "SOAP 1.2 has the Content-Type application/soap+xml; SOAP 1.1 is not spoken here"}
		}
		decoder := new(mime.WordDecoder)
		for _, one := range received.headers() {
			value, err := decoder.DecodeHeader(header(one.name))
			if err != nil {
				return nil, &Fault{Code: Sender, Subcode: "Header", Reason: "the header " + one.name + " can't be read"}
			}
			*one.value = value
		}
		received.Body = document.Root()
	} else if err := received.open(document.Root()); err != nil {
		return nil, err
	}
	if received.Payload, err = xmldoc.Alone(received.Body); err != nil {
		return nil, &Fault{Code: Sender, Subcode: "XML", Reason: "the payload can't be read"}
	}
	if err := received.Check(); err != nil {
		return nil, &Fault{Code: Sender, Subcode: "Addressing", Reason: clip(err.Error())}
	}
	return received, nil
}

// open takes a message out of its envelope.
func (r *Received) open(envelope *etree.Element) error {
	if envelope.Tag != "Envelope" || envelope.NamespaceURI() != soapNamespace {
		return &Fault{Code: VersionMismatch, Reason: "this is no envelope of SOAP 1.2"}
	}
	var body *etree.Element
	for _, part := range envelope.ChildElements() {
		if part.NamespaceURI() != soapNamespace {
			continue
		}
		switch part.Tag {
		case "Header":
			if err := r.readHeader(part); err != nil {
				return err
			}
		case "Body":
			body = part
		}
	}
	if body == nil || len(body.ChildElements()) != 1 {
		return &Fault{Code: Sender, Subcode: "Body", Reason: "the body of the envelope holds one element"}
	}
	r.Body = body.ChildElements()[0]
	return nil
}

func (r *Received) readHeader(header *etree.Element) error {
	for _, block := range header.ChildElements() {
		text := strings.TrimSpace(block.Text())
		if address := block.SelectElement("Address"); address != nil {
			text = strings.TrimSpace(address.Text())
		}
		target := map[string]*string{
			addressingNamespace + " MessageID": &r.ID, addressingNamespace + " Action": &r.Action, addressingNamespace + " To": &r.To,
			addressingNamespace + " From": &r.From, addressingNamespace + " ReplyTo": &r.ReplyTo, addressingNamespace + " RelatesTo": &r.RelatesTo,
			ownNamespace + " CorrelationKey": &r.Key,
		}[block.NamespaceURI()+" "+block.Tag]
		if target != nil {
			*target = text
			continue
		}
		must := ""
		for _, attribute := range block.Attr {
			if attribute.Key == "mustUnderstand" && attribute.NamespaceURI() == soapNamespace {
				must = attribute.Value
			}
		}
		if must == "1" || must == "true" {
			return &Fault{Code: MustUnderstand, Reason: "the header block " + clip(block.Tag) + " must be understood and is not"}
		}
	}
	return nil
}

func clip(text string) string {
	text = strings.ToValidUTF8(text, " ")
	if len(text) > 200 {
		text = strings.ToValidUTF8(text[:200], "") + "…"
	}
	return text
}
