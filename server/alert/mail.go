package alert

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Mail is the SMTP server that mails go through.
type Mail struct {
	Address  string // host:port; empty: mails cannot be sent
	Username string // empty: no authentication
	Password string
	From     string // default taskurotta@localhost
	TLS      bool   // require STARTTLS; only servers on this machine should do without
}

// Configured reports whether mails can be sent.
func (m Mail) Configured() bool { return m.Address != "" }

var errNoMail = errors.New("no mail server is configured (TASKUROTTA_SMTP_ADDRESS)")

// send sends one text to one address. The same delivery sends the same message id, so that a mailbox can tell a repeat.
func (m Mail) send(ctx context.Context, delivery, to string, text text) error {
	if !m.Configured() {
		return permanent(errNoMail)
	}
	from := m.From
	if from == "" {
		from = "taskurotta@localhost"
	}
	message := gomail.NewMsg()
	if err := message.From(from); err != nil {
		return permanent(fmt.Errorf("the configured sender %q is no address: %w", from, err))
	}
	if err := message.To(to); err != nil {
		return permanent(err)
	}
	message.Subject(text.subject)
	message.SetMessageIDWithValue("alert." + delivery + "@taskurotta")
	message.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no vacation answers
	message.SetBodyString(gomail.TypeTextPlain, text.plain)
	message.AddAlternativeString(gomail.TypeTextHTML, text.html)
	client, err := m.client()
	if err != nil {
		return permanent(err)
	}
	err = client.DialAndSendWithContext(ctx, message)
	var refused *gomail.SendError
	if errors.As(err, &refused) && !refused.IsTemp() {
		switch refused.Reason {
		case gomail.ErrSMTPRcptTo, gomail.ErrGetRcpts, gomail.ErrSMTPMailFrom, gomail.ErrSMTPData:
			return permanent(err)
		}
	}
	return err
}

func (m Mail) client() (*gomail.Client, error) {
	host, portText, err := net.SplitHostPort(m.Address)
	if err != nil {
		return nil, fmt.Errorf("the mail server %q is no host:port", m.Address)
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return nil, fmt.Errorf("the mail server %q has no port", m.Address)
	}
	policy := gomail.NoTLS
	if m.TLS {
		policy = gomail.TLSMandatory
	}
	options := []gomail.Option{gomail.WithPort(port), gomail.WithTLSPolicy(policy), gomail.WithTimeout(15 * time.Second)}
	if m.Username != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(m.Username), gomail.WithPassword(m.Password))
	}
	return gomail.NewClient(host, options...)
}
