package mailsend_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/workers/node/mailsend"
	"github.com/taskurotta/taskurotta-go/workers/sdk"
	"github.com/taskurotta/taskurotta-go/workers/sdk/sdktest"
	"github.com/taskurotta/taskurotta-go/workers/wire"
)

// server speaks just enough SMTP (RFC 5321) to take or refuse one message.
func server(t *testing.T, toRcpt string) (address string, received <-chan string) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	messages := make(chan string, 1)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go converse(conn, toRcpt, messages)
		}
	}()
	return listener.Addr().String(), messages
}

func converse(conn net.Conn, toRcpt string, messages chan<- string) {
	defer conn.Close()
	say := func(line string) { _, _ = fmt.Fprintf(conn, "%s\r\n", line) }
	say("220 ready")
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		switch word := strings.ToUpper(lines.Text()); {
		case strings.HasPrefix(word, "RCPT"):
			say(toRcpt)
		case strings.HasPrefix(word, "DATA"):
			say("354 go on")
			var body []string
			for lines.Scan() && lines.Text() != "." {
				body = append(body, lines.Text())
			}
			messages <- strings.Join(body, "\n")
			say("250 taken")
		case strings.HasPrefix(word, "QUIT"):
			say("221 bye")
			return
		default:
			say("250 fine")
		}
	}
}

func call(t *testing.T, config mailsend.Config, in mailsend.Input) (mailsend.Output, error) {
	t.Helper()
	host := &sdktest.Host{Run: sdk.Info{IdempotencyKey: "task.0"}}
	return sdktest.Call[mailsend.Output](t, mailsend.Node(config), host, in)
}

func TestAMessageArrives(t *testing.T) {
	address, received := server(t, "250 fine")
	out, err := call(t, mailsend.Config{Address: address, From: "office@example.org"},
		mailsend.Input{To: "Ivanov <ivanov@example.org>, petrov@example.org", Subject: "Принято", Text: "Ваше заявление принято."})
	require.NoError(t, err)
	require.Equal(t, []string{"ivanov@example.org", "petrov@example.org"}, out.Recipients)
	raw := <-received
	require.Contains(t, raw, "Message-ID: <task.0@taskurotta>", "a repeated task sends the same id")
	require.Contains(t, raw, "=?UTF-8?")
}

func TestHeadersCannotBeInjected(t *testing.T) {
	address, received := server(t, "250 fine")
	for name, in := range map[string]mailsend.Input{
		"subject":  {To: "a@example.org", Subject: "x\r\nBcc: evil@example.org", Text: "t"},
		"reply to": {To: "a@example.org", Subject: "x", Text: "t", ReplyTo: "a@example.org\nBcc: evil@example.org"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := call(t, mailsend.Config{Address: address}, in)
			requireClass(t, err, wire.ErrorPermanent, mailsend.CodeHeader)
		})
	}
	_, err := call(t, mailsend.Config{Address: address}, mailsend.Input{To: "a@example.org\r\nBcc: evil@example.org", Subject: "x", Text: "t"})
	requireClass(t, err, wire.ErrorBusiness, mailsend.CodeAddress)
	require.Empty(t, received)

	_, err = call(t, mailsend.Config{Address: address}, mailsend.Input{To: "a@example.org", Subject: "x", Text: ".\r\nBcc: no header\r\n.\r\n"})
	require.NoError(t, err)
	head, _, _ := strings.Cut(<-received, "\n\n")
	require.NotContains(t, head, "Bcc:")
}

func TestFailuresAreClassified(t *testing.T) {
	_, err := call(t, mailsend.Config{Address: "127.0.0.1:1"}, mailsend.Input{To: "a@example.org", Subject: "x", Text: "t"})
	requireClass(t, err, wire.ErrorRetryable, "MAIL_SERVER")

	refusing, _ := server(t, "550 no such user")
	_, err = call(t, mailsend.Config{Address: refusing}, mailsend.Input{To: "a@example.org", Subject: "x", Text: "t"})
	requireClass(t, err, wire.ErrorBusiness, mailsend.CodeAddress)

	busy, _ := server(t, "451 try later")
	_, err = call(t, mailsend.Config{Address: busy}, mailsend.Input{To: "a@example.org", Subject: "x", Text: "t"})
	requireClass(t, err, wire.ErrorRetryable, "MAIL_SERVER")

	_, err = call(t, mailsend.Config{Address: busy}, mailsend.Input{To: "not an address", Subject: "x", Text: "t"})
	requireClass(t, err, wire.ErrorBusiness, mailsend.CodeAddress)
}

func requireClass(t *testing.T, err error, class wire.ErrorClass, code string) {
	t.Helper()
	var own *sdk.Error
	require.True(t, errors.As(err, &own), "%v", err)
	require.Equal(t, class, own.Class, own.Message)
	require.Equal(t, code, own.Code)
}
