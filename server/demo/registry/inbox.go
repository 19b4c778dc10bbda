package registry

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/taskurotta/taskurotta-go/workers/bus"
	"github.com/taskurotta/taskurotta-go/workers/xmldoc"
)

// most is the largest message with its files, in bytes.
const most = 64 << 20

// take is the address that messages come to.
func (r *Registry) take(w http.ResponseWriter, request *http.Request) {
	faults := r.Faults()
	if faults.outage(time.Since(r.began)) {
		// One half sees an answer, the other a connection that breaks.
		if chance(0.5) {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Retry-After", "1")
		http.Error(w, "the bus is away", http.StatusServiceUnavailable)
		return
	}
	body := http.MaxBytesReader(w, request.Body, most)
	format := bus.SOAP
	if media := request.Header.Get("Content-Type"); strings.HasPrefix(media, "application/xml") || strings.HasPrefix(media, "text/xml") || strings.Contains(media, `type="application/xml"`) {
		format = bus.Plain
	}
	received, err := bus.Decode(request.Header.Get("Content-Type"), request.Header.Get, body, func(_, _ string, content io.Reader) error {
		_, err := io.Copy(io.Discard, content) // a registry keeps its own papers
		return err
	})
	var answer bus.Answer
	status := http.StatusAccepted
	if err == nil {
		var known bool
		if known, err = r.accept(request.Context(), received, faults); err == nil {
			answer = received.Accepted(known, "", "")
		}
	}
	if err != nil {
		fault := asFault(err)
		if fault.Code == bus.Receiver {
			r.config.Log.Warn("the registry took no message", "error", err)
		}
		status, answer = fault.Status(), fault.Answer(format)
	} else {
		if faults.AckDelay > 0 {
			held := time.NewTimer(faults.AckDelay)
			defer held.Stop()
			select {
			case <-held.C:
			case <-request.Context().Done():
			}
		}
		if chance(faults.LostAck) {
			panic(http.ErrAbortHandler)
		}
	}
	w.Header().Set("Content-Type", answer.ContentType)
	w.WriteHeader(status)
	_, _ = io.Copy(w, bytes.NewReader(answer.Body)) // a caller who is gone sends again
}

func asFault(err error) *bus.Fault {
	var fault *bus.Fault
	if errors.As(err, &fault) {
		return fault
	}
	return &bus.Fault{Code: bus.Receiver, Reason: "the registry can't take it now"}
}

// accept does what a message asks for, once, and writes the answers down.
func (r *Registry) accept(ctx context.Context, received *bus.Received, faults Faults) (known bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	do := operations[received.Action]
	if do == nil {
		return false, &bus.Fault{Code: bus.Sender, Subcode: "UnknownAction", Reason: "the registry knows no action " + received.Action}
	}
	fields, _ := xmldoc.Value(received.Body).(map[string]any) // a payload without elements lacks what is asked for
	var early []string
	err = pgx.BeginFunc(ctx, r.db, func(tx pgx.Tx) error {
		taken, err := tx.Exec(ctx, `INSERT INTO received (sender, id, action, key) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
			received.From, received.ID, received.Action, received.Key)
		if err != nil {
			return err
		}
		if known = taken.RowsAffected() == 0; known {
			return nil
		}
		answers, err := do(&operation{tx: tx, fields: fields, faults: faults, received: received, russian: r.config.Russian}, ctx)
		if err != nil {
			return err
		}
		for i := range answers {
			answers[i].ID = received.ID + "-" + answers[i].Action
			first, err := post(ctx, tx, &answers[i], faults)
			if err != nil {
				return err
			}
			if first {
				early = append(early, answers[i].ID)
			}
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	for _, id := range early {
		r.send(ctx, id)
	}
	r.poke()
	return known, nil
}
