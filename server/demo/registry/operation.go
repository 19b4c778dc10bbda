package registry

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/taskurotta/taskurotta-go/workers/bus"
	"github.com/taskurotta/taskurotta-go/workers/xmldoc"
)

// The actions of the registry: what it takes, and what it sends.
const (
	AskInformation = "registry.information.request"
	Remind         = "registry.information.reminder"
	Information    = "registry.information.answer"
	CheckFee       = "registry.fee.check"
	FeeState       = "registry.fee.state"
	FeePaid        = "registry.fee.paid"
	BookFee        = "registry.fee.book"
	FeeBooked      = "registry.fee.booked"
	RefundFee      = "registry.fee.refund"
	MakeEntry      = "registry.entry.make"
	EntryAnswer    = "registry.entry.answer"
	WithdrawEntry  = "registry.entry.withdraw"
	AskExtract     = "registry.extract.request"
	Extract        = "registry.extract.answer"
	AskSignatures  = "cadastre.signature.request"
	Verdict        = "cadastre.signature.verdict"
)

// operation is one message at work.
type operation struct {
	tx       pgx.Tx
	fields   map[string]any
	faults   Faults
	received *bus.Received
	russian  bool
}

// operations do what a message asks for, and return the messages that answer it. What they refuse for the message's own sake is a
// fault; what the registry decides against is an answer.
var operations = map[string]func(*operation, context.Context) ([]message, error){
	AskInformation: (*operation).information,
	Remind:         (*operation).information,
	CheckFee:       (*operation).checkFee,
	BookFee:        (*operation).bookFee,
	RefundFee:      (*operation).refundFee,
	MakeEntry:      (*operation).makeEntry,
	WithdrawEntry:  (*operation).withdrawEntry,
	AskExtract:     (*operation).extract,
	Verdict:        (*operation).verdict,
}

// text returns a field that the message must have.
func (o *operation) text(field string) (string, error) {
	value, _ := o.fields[field].(string)
	if value = strings.TrimSpace(value); value == "" || len(value) > 500 {
		return "", &bus.Fault{Code: bus.Sender, Subcode: "Invalid", Reason: fmt.Sprintf("the element %s is missing or too long", field)}
	}
	return value, nil
}

var cadastralNumber = regexp.MustCompile(`^\d{2}:\d{2}:\d{6,7}:\d{1,5}$`)

// parcelNumber returns the cadastral number; known is false when it can't be one.
func (o *operation) parcelNumber() (number string, known bool, err error) {
	number, err = o.text("cadastral_number")
	return number, cadastralNumber.MatchString(number), err
}

// answer is a message back to whom this one came from, in its format and with its key.
func (o *operation) answer(action, root string, fields ...xmldoc.Field) ([]message, error) {
	payload, err := xmldoc.Write(root, namespace, fields)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", action, err)
	}
	return []message{{format: o.received.Format, Message: bus.Message{
		RelatesTo: o.received.ID, Action: action, From: name, To: o.received.From, Key: o.received.Key, Payload: []byte(payload),
	}}}, nil
}

func field(name string, value any) xmldoc.Field { return xmldoc.Field{Name: name, Value: value} }

// why is a reason in both languages; people read it.
type why struct{ en, ru string }

// refusal is an answer that says no, and why.
func (o *operation) refusal(action, root, code string, because why) ([]message, error) {
	reason := because.en
	if o.russian {
		reason = because.ru
	}
	return o.answer(action, root, field("result", "refused"), field("code", code), field("reason", reason))
}

func day(at time.Time) string { return at.UTC().Format(time.DateOnly) }
