package bus

import (
	"encoding/xml"
	"fmt"
	"mime"
	"net/http"
	"strings"

	"github.com/beevik/etree"

	"github.com/taskurotta/taskurotta-go/workers/xmldoc"
)

// Code says whose fault a fault is (SOAP 1.2 part 1, 5.4.6).
type Code string

// The codes. What the sender did wrong stays wrong; what the receiver can't do now it may do later.
const (
	Sender          Code = "Sender"
	Receiver        Code = "Receiver"
	MustUnderstand  Code = "MustUnderstand"
	VersionMismatch Code = "VersionMismatch"
)

// Fault is why a message was not taken.
type Fault struct {
	Code    Code
	Subcode string // a name, e.g. NotFound; may be empty
	Reason  string
}

func (f *Fault) Error() string {
	if f.Subcode == "" {
		return fmt.Sprintf("%s: %s", f.Code, f.Reason)
	}
	return fmt.Sprintf("%s/%s: %s", f.Code, f.Subcode, f.Reason)
}

// Status is the HTTP status that a fault travels with (SOAP 1.2 part 2, 7.4.2).
func (f *Fault) Status() int {
	if f.Code == Receiver {
		return http.StatusServiceUnavailable
	}
	return http.StatusBadRequest
}

// Answer is what a receiver says at once: that it has a message, or why not.
type Answer struct {
	ContentType string
	Body        []byte
}

// Answer writes a fault in the sender's format.
func (f *Fault) Answer(format Format) Answer {
	if format == Plain {
		return Answer{"application/xml; charset=utf-8", fmt.Appendf(nil, `<fault code="%s" subcode="%s">%s</fault>`, f.Code, escape(f.Subcode), escape(f.Reason))}
	}
	subcode := ""
	if f.Subcode != "" {
		subcode = `<env:Subcode><env:Value xmlns:t="` + ownNamespace + `">t:` + escape(f.Subcode) + `</env:Value></env:Subcode>`
	}
	return Answer{"application/soap+xml; charset=utf-8", fmt.Appendf(nil,
		`<env:Envelope xmlns:env="%s"><env:Body><env:Fault><env:Code><env:Value>env:%s</env:Value>%s</env:Code><env:Reason><env:Text xml:lang="en">%s</env:Text></env:Reason></env:Fault></env:Body></env:Envelope>`,
		soapNamespace, f.Code, subcode, escape(f.Reason))}
}

// Accepted acknowledges a message: it is stored and won't be lost. known says that it was there already, outcome what became of it
// (correlated, started, stored), process who takes it; it may be empty.
func (r *Received) Accepted(known bool, outcome, process string) Answer {
	also := fmt.Sprintf(` known="%t" outcome="%s"`, known, escape(outcome))
	if process != "" {
		also += ` process="` + escape(process) + `"`
	}
	if r.Format == Plain {
		return Answer{"application/xml; charset=utf-8", fmt.Appendf(nil, `<accepted id="%s"%s/>`, escape(r.ID), also)}
	}
	return Answer{"application/soap+xml; charset=utf-8", fmt.Appendf(nil,
		`<env:Envelope xmlns:env="%s" xmlns:wsa="%s"><env:Header><wsa:RelatesTo>%s</wsa:RelatesTo></env:Header><env:Body><t:Accepted xmlns:t="%s"%s/></env:Body></env:Envelope>`,
		soapNamespace, addressingNamespace, escape(r.ID), ownNamespace, also)}
}

// FaultIn reads the fault out of an answer; nil when there is none in it.
func FaultIn(contentType string, body []byte) *Fault {
	media, _, _ := mime.ParseMediaType(contentType) // what can't be read is no type that is known
	switch media {
	case "application/xml", "text/xml":
		return plainFault(body)
	case "application/soap+xml":
		return soapFault(body)
	default:
		return nil
	}
}

func plainFault(body []byte) *Fault {
	var plain struct {
		XMLName xml.Name `xml:"fault"`
		Code    Code     `xml:"code,attr"`
		Subcode string   `xml:"subcode,attr"`
		Reason  string   `xml:",chardata"`
	}
	if xml.Unmarshal(body, &plain) == nil {
		return &Fault{plain.Code, local(plain.Subcode), clip(plain.Reason)}
	}
	return nil
}

func soapFault(body []byte) *Fault {
	var fault *etree.Element
	if document, err := xmldoc.Read(body); err == nil {
		fault = document.FindElement("/Envelope/Body/Fault")
	}
	if fault == nil {
		return nil
	}
	text := func(path string) string {
		if found := fault.FindElement(path); found != nil {
			return strings.TrimSpace(found.Text())
		}
		return ""
	}
	return &Fault{Code(local(text("./Code/Value"))), local(text("./Code/Subcode/Value")), clip(text("./Reason/Text"))}
}

// local takes the prefix off a qualified name, and keeps what can stand in a code.
func local(name string) string {
	if _, after, found := strings.Cut(name, ":"); found {
		name = after
	}
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' {
			return r
		}
		return -1
	}, name)
}
