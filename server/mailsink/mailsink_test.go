package mailsink_test

import (
	"fmt"
	"net/smtp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/taskurotta/taskurotta-go/server/mailsink"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func started(t *testing.T, config mailsink.Config) *mailsink.Sink {
	t.Helper()
	sink := mailsink.New(config)
	require.NoError(t, sink.Start(t.Context()))
	t.Cleanup(sink.Stop)
	return sink
}

func send(t *testing.T, sink *mailsink.Sink, raw string) {
	t.Helper()
	raw = strings.ReplaceAll(raw, "\n", "\r\n")
	require.NoError(t, smtp.SendMail(sink.Address(), nil, "office@example.org", []string{"ivanov@example.org"}, []byte(raw)))
}

func TestEncodedSubjectAndBodyAreReadable(t *testing.T) {
	sink := started(t, mailsink.Config{})
	send(t, sink, "Subject: =?utf-8?b?0J/RgNC40L3Rj9GC0L4=?=\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n0JTQvtC60YPQvNC10L3Rgg==\n")
	list := sink.List()
	require.Len(t, list, 1)
	require.Equal(t, "Принято", list[0].Subject)
	require.Equal(t, []string{"ivanov@example.org"}, list[0].To)
	require.Empty(t, list[0].Text, "a list carries no bodies")
	whole, found := sink.Get(list[0].ID)
	require.True(t, found)
	require.Equal(t, "Документ", whole.Text)
}

func TestMultipartGivesBothBodies(t *testing.T) {
	sink := started(t, mailsink.Config{})
	send(t, sink, "Subject: two\nContent-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nplain\n--b\nContent-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n<b>rich=3D</b>\n--b--\n")
	whole, found := sink.Get(sink.List()[0].ID)
	require.True(t, found)
	require.Equal(t, "plain", strings.TrimSpace(whole.Text))
	require.Equal(t, "<b>rich=</b>", strings.TrimSpace(whole.HTML))
}

func TestOnlyTheNewestAreKept(t *testing.T) {
	sink := started(t, mailsink.Config{Keep: 2})
	for i := range 3 {
		send(t, sink, fmt.Sprintf("Subject: mail %d\n\nbody\n", i))
	}
	list := sink.List()
	require.Len(t, list, 2)
	require.Equal(t, "mail 2", list[0].Subject)
	require.Equal(t, "mail 1", list[1].Subject)
}

func TestTooLargeAMessageIsRefused(t *testing.T) {
	sink := started(t, mailsink.Config{MaxSize: 1000})
	err := smtp.SendMail(sink.Address(), nil, "a@example.org", []string{"b@example.org"}, []byte("Subject: x\r\n\r\n"+strings.Repeat("y", 5000)))
	require.Error(t, err)
	require.Empty(t, sink.List())
}

func TestASinkStopsRightAfterItsStart(t *testing.T) {
	t.Parallel()
	for range 300 {
		sink := mailsink.New(mailsink.Config{})
		require.NoError(t, sink.Start(t.Context()))
		sink.Stop()
	}
}
