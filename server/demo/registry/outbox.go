package registry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/taskurotta/taskurotta-go/server/demo/paper"
	"github.com/taskurotta/taskurotta-go/workers/bus"
)

const (
	senders  = 8                // messages on their way at once
	lease    = 40 * time.Second // a sender that is silent for longer lost its message
	lookEach = 100 * time.Millisecond
	longest  = 15 * time.Second // between two attempts
)

// post writes a message down to be sent after a delay. first says that it is to be sent before what it answers is acknowledged.
func post(ctx context.Context, tx pgx.Tx, m *message, faults Faults) (first bool, err error) {
	copies := 1
	if chance(faults.Duplicate) {
		copies = 2
	}
	delay := faults.delay()
	if first = m.RelatesTo != "" && chance(faults.Early); first {
		delay = lease // should the sending before the acknowledgement be cut off
	}
	_, err = tx.Exec(ctx, `INSERT INTO outgoing (id, action, key, relates_to, recipient, format, payload, due_at, copies)
		VALUES ($1, $2, $3, $4, $5, $6, $7, now() + $8, $9)`, m.ID, m.Action, m.Key, m.RelatesTo, m.To, string(m.format), string(m.Payload), delay, copies)
	if err != nil {
		return false, fmt.Errorf("post %s: %w", m.ID, err)
	}
	for i, file := range m.files {
		if _, err := tx.Exec(ctx, `INSERT INTO attachment (message, position, name, media_type, content) VALUES ($1, $2, $3, $4, $5)`, m.ID, i, file.Name, file.MediaType, file.Content); err != nil {
			return false, fmt.Errorf("attach %s to %s: %w", file.Name, m.ID, err)
		}
	}
	return first, nil
}

// poke wakes a sender.
func (r *Registry) poke() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// deliver sends what is due until ctx ends. Several run at once, so messages overtake each other.
func (r *Registry) deliver(ctx context.Context) {
	look := time.NewTicker(lookEach)
	defer look.Stop()
	for {
		for ctx.Err() == nil && !r.Faults().outage(time.Since(r.began)) {
			id, found, err := r.claim(ctx)
			if err != nil && ctx.Err() == nil {
				r.config.Log.Warn("the registry can't read what it has to send", "error", err)
			}
			if err != nil || !found {
				break
			}
			r.send(ctx, id)
		}
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		case <-r.wake:
		}
	}
}

// claim takes one message that is due, any of them, for as long as sending it may take.
func (r *Registry) claim(ctx context.Context) (id string, found bool, err error) {
	err = r.db.QueryRow(ctx, `UPDATE outgoing SET due_at = now() + $1 WHERE id = (
		SELECT id FROM outgoing WHERE due_at <= now() LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id`, lease).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", false, nil
	}
	return id, err == nil, err
}

// send sends a message, and either forgets it or says when it is sent again.
func (r *Registry) send(ctx context.Context, id string) {
	m, attempts, err := r.outgoing(ctx, id)
	if err == nil {
		err = r.transmit(ctx, m)
	}
	if ctx.Err() != nil {
		return // the lease ends by itself
	}
	if err == nil {
		_, err = r.db.Exec(ctx, `WITH again AS (UPDATE outgoing SET copies = copies - 1, due_at = now() + $2 WHERE id = $1 AND copies > 1 RETURNING id)
			DELETE FROM outgoing WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM again)`, id, r.Faults().delay()/2)
	} else if !errors.Is(err, pgx.ErrNoRows) {
		wait := min(longest, 200*time.Millisecond<<min(attempts, 10))
		r.config.Log.Debug("the server took no message of the registry", "message", id, "error", err)
		_, err = r.db.Exec(ctx, `UPDATE outgoing SET attempts = attempts + 1, problem = $2, due_at = now() + $3 WHERE id = $1`, id, err.Error(), wait)
	}
	if err != nil && !errors.Is(err, pgx.ErrNoRows) && ctx.Err() == nil {
		r.config.Log.Warn("the registry can't note what it sent", "message", id, "error", err)
	}
}

func (r *Registry) outgoing(ctx context.Context, id string) (m message, attempts int, err error) {
	var payload, format string
	m.ID, m.From = id, name
	err = r.db.QueryRow(ctx, `SELECT action, key, relates_to, recipient, format, payload, attempts FROM outgoing WHERE id = $1`, id).
		Scan(&m.Action, &m.Key, &m.RelatesTo, &m.To, &format, &payload, &attempts)
	if err != nil {
		return m, 0, err
	}
	m.Payload, m.format = []byte(payload), bus.Format(format)
	rows, err := r.db.Query(ctx, `SELECT name, media_type, content FROM attachment WHERE message = $1 ORDER BY position`, id)
	if err != nil {
		return m, 0, err
	}
	m.files, err = pgx.CollectRows(rows, pgx.RowToStructByPos[paper.File])
	return m, attempts, err
}

// transmit sends a message to the server and waits until it has it.
func (r *Registry) transmit(ctx context.Context, m message) error {
	attachments := make([]bus.Attachment, len(m.files))
	for i, file := range m.files {
		attachments[i] = bus.Attachment{Name: file.Name, MediaType: file.MediaType, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(file.Content)), nil }}
	}
	encoded, err := m.Encode(m.format, attachments...)
	if err != nil {
		return err
	}
	var body bytes.Buffer
	if err := encoded.Write(&body); err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.config.Server, &body)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", encoded.ContentType)
	request.Header.Set("Authorization", "Bearer "+r.config.Token)
	for header, value := range encoded.Header {
		request.Header.Set(header, value)
	}
	response, err := r.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return err
	}
	if fault := bus.FaultIn(response.Header.Get("Content-Type"), answer); fault != nil {
		return fault
	}
	if response.StatusCode >= 300 {
		return fmt.Errorf("the server answered %d", response.StatusCode)
	}
	return nil
}
