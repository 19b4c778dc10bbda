package bus_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/workers/bus"
	"github.com/taskurotta/taskurotta-go/workers/xmldoc"
)

func example() bus.Message {
	return bus.Message{
		ID: "urn:uuid:1", RelatesTo: "urn:uuid:0", Action: "urn:registry:rights/запрос", From: "мдц", To: "гкр", ReplyTo: "http://localhost/bus", Key: "2026-1 & <co>",
		Payload: []byte(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<p:request xmlns:p="urn:p"><number>77:01</number></p:request>`),
	}
}

type file struct{ name, mediaType, content string }

func decode(t *testing.T, contentType string, header map[string]string, body []byte) (*bus.Received, []file, error) {
	t.Helper()
	var files []file
	received, err := bus.Decode(contentType, func(name string) string { return header[name] }, bytes.NewReader(body), func(name, mediaType string, content io.Reader) error {
		raw, err := io.ReadAll(content)
		files = append(files, file{name, mediaType, string(raw)})
		return err
	})
	return received, files, err
}

func TestMessagesArriveAsTheyWereSent(t *testing.T) {
	files := []file{{"заявление.xml", "text/xml", "<a/>"}, {"a.pdf", "application/pdf", "%PDF\r\n--\x00"}}
	for _, format := range []bus.Format{bus.SOAP, bus.Plain} {
		for _, count := range []int{0, 1, 2} {
			message := example()
			var attachments []bus.Attachment
			for _, f := range files[:count] {
				attachments = append(attachments, bus.Attachment{Name: f.name, MediaType: f.mediaType, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(f.content)), nil }})
			}
			encoded, err := message.Encode(format, attachments...)
			require.NoError(t, err)
			var body bytes.Buffer
			require.NoError(t, encoded.Write(&body))
			if count == 0 {
				require.Equal(t, int64(body.Len()), encoded.Size())
			}
			for name, value := range encoded.Header {
				require.NotRegexp(t, `[^ -~]`, value, name)
			}
			received, got, err := decode(t, encoded.ContentType, encoded.Header, body.Bytes())
			require.NoError(t, err)
			require.Equal(t, format, received.Format)
			want := example()
			want.Payload, received.Payload = nil, nil
			require.Equal(t, want, received.Message)
			require.Equal(t, "urn:p", received.Body.NamespaceURI())
			require.Equal(t, map[string]any{"number": "77:01"}, valueOf(received))
			require.Equal(t, files[:count], append([]file{}, got...))
		}
	}
}

func valueOf(received *bus.Received) any {
	value, _ := xmldoc.Value(received.Body).(map[string]any)
	delete(value, "@p")
	return value
}

const envelope = `<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing"><e:Header>HEAD<a:MessageID> 1 </a:MessageID><a:Action>do</a:Action></e:Header><e:Body>BODY</e:Body></e:Envelope>`

func soap(head, body string) string {
	return strings.NewReplacer("HEAD", head, "BODY", body).Replace(envelope)
}

func TestWhatIsWrongIsAFault(t *testing.T) {
	const soapType, plainType = "application/soap+xml", "application/xml"
	addressed := map[string]string{bus.HeaderID: "1", bus.HeaderAction: "do"}
	for name, c := range map[string]struct {
		contentType, body string
		header            map[string]string
		code              bus.Code
		subcode           string
	}{
		"fine":                    {contentType: soapType, body: soap("", "<a/>")},
		"fine, plain":             {contentType: plainType, body: "<a/>", header: addressed},
		"unknown block":           {contentType: soapType, body: soap(`<x xmlns="urn:x">1</x>`, "<a/>")},
		"block to be understood":  {contentType: soapType, body: soap(`<x xmlns="urn:x" e:mustUnderstand="true">1</x>`, "<a/>"), code: bus.MustUnderstand},
		"known block, understood": {contentType: soapType, body: soap(`<a:To e:mustUnderstand="1">here</a:To>`, "<a/>")},
		"SOAP 1.1":                {contentType: soapType, body: strings.Replace(soap("", "<a/>"), "http://www.w3.org/2003/05/soap-envelope", "http://schemas.xmlsoap.org/soap/envelope/", 1), code: bus.VersionMismatch},
		"SOAP 1.1 by its type":    {contentType: "text/xml", body: `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"/>`, code: bus.VersionMismatch},
		"empty body":              {contentType: soapType, body: soap("", ""), code: bus.Sender, subcode: "Body"},
		"two elements":            {contentType: soapType, body: soap("", "<a/><b/>"), code: bus.Sender, subcode: "Body"},
		"not XML":                 {contentType: soapType, body: "hello", code: bus.Sender, subcode: "XML"},
		"entities":                {contentType: plainType, body: `<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>`, header: addressed, code: bus.Sender, subcode: "XML"},
		"no id":                   {contentType: plainType, body: "<a/>", header: map[string]string{bus.HeaderAction: "do"}, code: bus.Sender, subcode: "Addressing"},
		"no action":               {contentType: plainType, body: "<a/>", header: map[string]string{bus.HeaderID: "1"}, code: bus.Sender, subcode: "Addressing"},
		"an id too long":          {contentType: plainType, body: "<a/>", header: map[string]string{bus.HeaderID: strings.Repeat("x", 1001), bus.HeaderAction: "do"}, code: bus.Sender, subcode: "Addressing"},
		"JSON":                    {contentType: "application/json", body: "{}", code: bus.Sender, subcode: "ContentType"},
		"no type":                 {contentType: "", body: "<a/>", code: bus.Sender, subcode: "ContentType"},
		"too large":               {contentType: plainType, body: "<a>" + strings.Repeat(" ", bus.MaxRoot) + "</a>", header: addressed, code: bus.Sender, subcode: "TooLarge"},
		"no boundary":             {contentType: "multipart/related", body: "", code: bus.Sender, subcode: "ContentType"},
		"no parts":                {contentType: "multipart/related; boundary=b", body: "", code: bus.Sender, subcode: "Body"},
		"cut parts":               {contentType: "multipart/related; boundary=b", header: addressed, body: "--b\r\nContent-Type: application/xml\r\n\r\n<a/>\r\n--b\r\nContent-Type: text/plain\r\n\r\nhal", code: bus.Sender, subcode: "Body"},
		"root not first":          {contentType: `multipart/related; boundary=b; start="<r>"`, header: addressed, body: "--b\r\nContent-Type: application/xml\r\nContent-Id: <x>\r\n\r\n<a/>\r\n--b--", code: bus.Sender, subcode: "ContentType"},
		"a file in base64":        {contentType: "multipart/related; boundary=b", header: addressed, body: "--b\r\nContent-Type: application/xml\r\n\r\n<a/>\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\nYQ==\r\n--b--", code: bus.Sender, subcode: "Encoding"},
		"too many files":          {contentType: "multipart/related; boundary=b", header: addressed, body: "--b\r\nContent-Type: application/xml\r\n\r\n<a/>" + strings.Repeat("\r\n--b\r\n\r\nx", bus.MaxAttachments+1) + "\r\n--b--", code: bus.Sender, subcode: "TooManyFiles"},
	} {
		t.Run(name, func(t *testing.T) {
			received, _, err := decode(t, c.contentType, c.header, []byte(c.body))
			if c.code == "" {
				require.NoError(t, err)
				require.Equal(t, "1", received.ID)
				return
			}
			var fault *bus.Fault
			if errors.As(err, &fault) {
				require.Equal(t, c.code, fault.Code, fault.Reason)
				require.Equal(t, c.subcode, fault.Subcode, fault.Reason)
				return
			}
			require.Equal(t, "cut parts", name, "%v", err) // the reader of the file sees the end first
		})
	}
}

func TestFaultsAreReadBack(t *testing.T) {
	for _, fault := range []bus.Fault{
		{Code: bus.Sender, Subcode: "NotFound", Reason: `no object "77" <here>`}, {Code: bus.Receiver, Reason: "closed"},
	} {
		for _, format := range []bus.Format{bus.SOAP, bus.Plain} {
			answer := fault.Answer(format)
			require.Equal(t, &fault, bus.FaultIn(answer.ContentType, answer.Body))
		}
	}
	require.Equal(t, 400, (&bus.Fault{Code: bus.Sender}).Status())
	require.Equal(t, 503, (&bus.Fault{Code: bus.Receiver}).Status())
	received, _, err := decode(t, "application/soap+xml", nil, []byte(soap("", "<a/>")))
	require.NoError(t, err)
	accepted := received.Accepted(true, "started", "p-1")
	require.Nil(t, bus.FaultIn(accepted.ContentType, accepted.Body))
	require.Contains(t, string(accepted.Body), `known="true" outcome="started" process="p-1"`)
	require.Nil(t, bus.FaultIn("text/html", []byte("<fault code='x'/>")))
	odd := bus.FaultIn("application/xml", []byte(`<fault code="Sender" subcode="a b&quot;;drop">x</fault>`))
	require.Equal(t, "abdrop", odd.Subcode)
}

func TestMessagesThatNobodyCouldReadAreNotSent(t *testing.T) {
	for name, change := range map[string]func(*bus.Message){
		"no id":         func(m *bus.Message) { m.ID = "" },
		"no action":     func(m *bus.Message) { m.Action = "" },
		"a line break":  func(m *bus.Message) { m.Key = "a\r\nb" },
		"no payload":    func(m *bus.Message) { m.Payload = nil },
		"two elements":  func(m *bus.Message) { m.Payload = []byte("<a/><b/>") },
		"document type": func(m *bus.Message) { m.Payload = []byte("<!DOCTYPE a><a/>") },
	} {
		message := example()
		change(&message)
		_, err := message.Encode(bus.SOAP)
		require.Error(t, err, name)
	}
}

func FuzzDecode(f *testing.F) {
	message := example()
	for _, format := range []bus.Format{bus.SOAP, bus.Plain} {
		encoded, err := message.Encode(format, bus.Attachment{Name: "a", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("x")), nil }})
		require.NoError(f, err)
		var body bytes.Buffer
		require.NoError(f, encoded.Write(&body))
		f.Add(encoded.ContentType, body.Bytes())
	}
	f.Add("application/soap+xml", []byte(soap("", "<a/>")))
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		received, err := bus.Decode(contentType, func(string) string { return "x" }, bytes.NewReader(body), func(_, _ string, content io.Reader) error {
			_, err := io.Copy(io.Discard, content)
			return err
		})
		if err != nil {
			return
		}
		again, err := received.Encode(received.Format)
		require.NoError(t, err)
		require.NoError(t, again.Write(io.Discard))
	})
}
