// Package mailsend is the node mail.send: one message by SMTP.
//
// It imports the sdk and a mail library, and no other package of the product.
package mailsend

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/taskurotta/taskurotta-go/workers/sdk"
)

// Config is the SMTP server that messages go through. Zero values mean the defaults.
type Config struct {
	Address  string // host:port
	Username string // empty: no authentication
	Password string
	From     string // sender; default taskurotta@localhost
	TLS      bool   // require STARTTLS; only servers on this machine should do without
}

// CodeAddress is the business error of an address that is none or that the server refuses for good.
const CodeAddress = "MAIL_ADDRESS_INVALID"

// CodeHeader is the permanent failure of a text that would write headers of its own.
const CodeHeader = "MAIL_HEADER_INVALID"

// Input of the node.
type Input struct {
	To      string `json:"to" title:"To" title_ru:"Кому" jsonschema:"minLength=1,maxLength=1000" doc:"One address or several, separated by commas." doc_ru:"Один адрес или несколько через запятую."`
	Subject string `json:"subject" title:"Subject" title_ru:"Тема" jsonschema:"maxLength=500,pattern=^[^\\r\\n]*$"`
	Text    string `json:"text" title:"Text" title_ru:"Текст" jsonschema:"maxLength=200000"`
	ReplyTo string `json:"reply_to,omitempty" title:"Reply to" title_ru:"Ответить на"`
}

// Output of the node.
type Output struct {
	MessageID  string   `json:"message_id" title:"Message id" title_ru:"Идентификатор письма"`
	Recipients []string `json:"recipients" title:"Recipients" title_ru:"Получатели"`
}

// Node returns mail.send@1 for a mail server.
func Node(config Config) sdk.Node {
	if config.From == "" {
		config.From = "taskurotta@localhost"
	}
	return sdk.Define("mail.send", 1, func(ctx context.Context, in Input) (Output, error) { return send(ctx, config, in) },
		sdk.Title("Send a mail", "Письмо"),
		sdk.Doc("Sends one text message by SMTP.", "Отправляет одно текстовое письмо по SMTP."),
		sdk.Category("Communication", "Связь"), sdk.Icon("mail"), sdk.SideEffects(),
		sdk.Answers(CodeAddress, "The address is not valid", "Адрес неверен"),
	)
}

func send(ctx context.Context, config Config, in Input) (Output, error) {
	to, err := addresses(in.To)
	if err != nil {
		return Output{}, err
	}
	if strings.ContainsAny(in.Subject+in.ReplyTo, "\r\n") {
		return Output{}, sdk.Permanent(sdk.Failure(CodeHeader, errors.New("the subject or the reply address holds a line break, which would begin a header of its own")))
	}
	message := gomail.NewMsg()
	if err := message.From(config.From); err != nil {
		return Output{}, sdk.Permanent(fmt.Errorf("the configured sender %q is no address: %w", config.From, err))
	}
	if err := message.To(to...); err != nil {
		return Output{}, sdk.Business(CodeAddress, err.Error())
	}
	if in.ReplyTo != "" {
		if err := message.ReplyTo(in.ReplyTo); err != nil {
			return Output{}, sdk.Business(CodeAddress, err.Error())
		}
	}
	message.Subject(in.Subject)
	message.SetBodyString(gomail.TypeTextPlain, in.Text)
	// The same task sends the same id, so that a mailbox can tell a repeat.
	if key := sdk.RunInfo(ctx).IdempotencyKey; key != "" {
		message.SetMessageIDWithValue(key + "@taskurotta")
	} else {
		message.SetMessageID()
	}
	client, err := dial(config)
	if err != nil {
		return Output{}, sdk.Permanent(err)
	}
	if err := client.DialAndSendWithContext(ctx, message); err != nil {
		return Output{}, classify(err)
	}
	sdk.Log(ctx, "sent to %s", strings.Join(to, ", "))
	return Output{MessageID: message.GetMessageID(), Recipients: to}, nil
}

func addresses(list string) ([]string, error) {
	if strings.ContainsAny(list, "\r\n") {
		return nil, sdk.Business(CodeAddress, "an address holds a line break")
	}
	parsed, err := mail.ParseAddressList(list)
	if err != nil {
		return nil, sdk.Business(CodeAddress, fmt.Sprintf("%q is no address: %s", list, strings.TrimPrefix(err.Error(), "mail: ")))
	}
	to := make([]string, len(parsed))
	for i, address := range parsed {
		to[i] = address.Address
	}
	return to, nil
}

func dial(config Config) (*gomail.Client, error) {
	host, portText, err := net.SplitHostPort(config.Address)
	if err != nil {
		return nil, fmt.Errorf("the mail server %q is no host:port", config.Address)
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return nil, fmt.Errorf("the mail server %q has no port", config.Address)
	}
	policy := gomail.NoTLS
	if config.TLS {
		policy = gomail.TLSMandatory
	}
	options := []gomail.Option{gomail.WithPort(port), gomail.WithTLSPolicy(policy), gomail.WithTimeout(30 * time.Second)}
	if config.Username != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(config.Username), gomail.WithPassword(config.Password))
	}
	return gomail.NewClient(host, options...)
}

// classify tells a refusal for good (5xx) from a failure that may pass (4xx, no connection).
func classify(err error) error {
	var refused *gomail.SendError
	if errors.As(err, &refused) && !refused.IsTemp() {
		switch refused.Reason {
		case gomail.ErrSMTPRcptTo, gomail.ErrGetRcpts:
			return sdk.Business(CodeAddress, refused.Error())
		case gomail.ErrSMTPMailFrom, gomail.ErrSMTPData:
			return sdk.Permanent(sdk.Failure("MAIL_REFUSED", refused))
		}
	}
	return sdk.Failure("MAIL_SERVER", err)
}
