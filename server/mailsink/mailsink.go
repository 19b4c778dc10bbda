// Package mailsink is the local SMTP server of `taskurotta dev`: it accepts every message and delivers none, so that people
// can read what a process would have sent.
//
// It keeps the newest messages in memory, knows nothing of processes, and imports no other package of the product but fault.
package mailsink

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/mail"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/uuid"
)

// Config of a Sink. Zero values mean the defaults.
type Config struct {
	Address string       // loopback address to listen on; default 127.0.0.1:0 (a free port)
	Keep    int          // newest messages kept; default 500
	MaxSize int64        // bytes of one message; default 10 MiB
	Log     *slog.Logger // default slog.Default()
}

// Message is one received mail.
type Message struct {
	ID      string            `json:"id"`
	From    string            `json:"from"`
	To      []string          `json:"to"`
	Subject string            `json:"subject"`
	At      time.Time         `json:"at"`
	Size    int               `json:"size"`
	Text    string            `json:"text,omitempty"`
	HTML    string            `json:"html,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
}

// Sink is the running server.
type Sink struct {
	config   Config
	server   *smtp.Server
	listener net.Listener
	served   chan struct{}

	mu       sync.RWMutex
	messages []Message // oldest first
}

// New returns a sink that is not listening yet.
func New(config Config) *Sink {
	if config.Address == "" {
		config.Address = "127.0.0.1:0"
	}
	if config.Keep == 0 {
		config.Keep = 500
	}
	if config.MaxSize == 0 {
		config.MaxSize = 10 << 20
	}
	if config.Log == nil {
		config.Log = slog.Default()
	}
	sink := &Sink{config: config, served: make(chan struct{})}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{sink: sink}, nil }))
	server.Domain = "localhost"
	server.MaxMessageBytes = config.MaxSize
	server.MaxRecipients = 100
	server.ReadTimeout = 30 * time.Second
	server.WriteTimeout = 30 * time.Second
	server.ErrorLog = slog.NewLogLogger(config.Log.Handler(), slog.LevelDebug)
	sink.server = server
	return sink
}

// Start listens and serves until Stop.
func (s *Sink) Start(ctx context.Context) error {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", s.config.Address)
	if err != nil {
		return fmt.Errorf("listen for mail on %s: %w", s.config.Address, err)
	}
	s.listener = listener
	go func() {
		defer close(s.served)
		if err := s.server.Serve(listener); err != nil && !errors.Is(err, smtp.ErrServerClosed) {
			s.config.Log.Error("mail sink stopped", "error", err)
		}
	}()
	return nil
}

// Stop closes the listener and every connection.
func (s *Sink) Stop() {
	if s.listener == nil {
		return
	}
	_ = s.server.Close()
	_ = s.listener.Close() // a server that has not begun to serve yet does not know of it
	<-s.served
}

// Address returns host:port, known after Start.
func (s *Sink) Address() string {
	if s.listener == nil {
		return s.config.Address
	}
	return s.listener.Addr().String()
}

// List returns the kept messages, newest first, without their bodies.
func (s *Sink) List() []Message {
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := make([]Message, 0, len(s.messages))
	for _, message := range slices.Backward(s.messages) {
		message.Text, message.HTML, message.Headers = "", "", nil
		list = append(list, message)
	}
	return list
}

// Get returns one message whole; false when it is not kept (any more).
func (s *Sink) Get(id string) (Message, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, message := range s.messages {
		if message.ID == id {
			return message, true
		}
	}
	return Message{}, false
}

func (s *Sink) keep(message Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = append(s.messages, message)
	if over := len(s.messages) - s.config.Keep; over > 0 {
		s.messages = slices.Delete(s.messages, 0, over)
	}
}

// session is one SMTP conversation.
type session struct {
	sink *Sink
	from string
	to   []string
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	message := Message{ID: uuid.Must(uuid.NewV7()).String(), From: s.from, To: slices.Clone(s.to), At: time.Now().UTC(), Size: len(raw)}
	parsed, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil { // shown as it came: whoever sent it wants to see what is wrong
		message.Text = strings.ToValidUTF8(string(raw), "\uFFFD")
		s.sink.keep(message)
		return nil //nolint:nilerr // a mail that is none is kept all the same
	}
	decoder := &mime.WordDecoder{}
	message.Headers = map[string]string{}
	for name, values := range parsed.Header {
		value := strings.Join(values, ", ")
		if decoded, err := decoder.DecodeHeader(value); err == nil {
			value = decoded
		}
		message.Headers[name] = value
	}
	message.Subject = message.Headers["Subject"]
	message.Text, message.HTML = bodies(parsed.Header.Get("Content-Type"), parsed.Header.Get("Content-Transfer-Encoding"), parsed.Body, 0)
	s.sink.keep(message)
	return nil
}

func (s *session) Reset() { s.from, s.to = "", nil }

func (s *session) Logout() error { return nil }
