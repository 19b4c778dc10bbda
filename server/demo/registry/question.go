package registry

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/taskurotta/taskurotta-go/workers/bus"
	"github.com/taskurotta/taskurotta-go/workers/xmldoc"
)

// AskForVerdict sends a package of signed documents, the n-th of its seed, whose signatures are to be checked, and returns the id of
// the question. The same n again is the same question.
func (r *Registry) AskForVerdict(ctx context.Context, n int) (string, error) {
	signed, err := r.config.Paper.Signed(n)
	if err != nil {
		return "", err
	}
	id := fmt.Sprintf("gkn-%d", n)
	payload, err := xmldoc.Write("question", namespace, []xmldoc.Field{field("request", id), field("files", strconv.Itoa(len(signed.Files)))})
	if err != nil {
		return "", err
	}
	err = pgx.BeginFunc(ctx, r.db, func(tx pgx.Tx) error {
		asked, err := tx.Exec(ctx, `INSERT INTO question (id) VALUES ($1) ON CONFLICT DO NOTHING`, id)
		if err != nil || asked.RowsAffected() == 0 {
			return err
		}
		_, err = post(ctx, tx, &message{format: bus.SOAP, files: signed.Files, Message: bus.Message{
			ID: id + "-" + AskSignatures, Action: AskSignatures, From: name, To: "taskurotta", Key: id, Payload: []byte(payload),
		}}, Faults{Duplicate: r.Faults().Duplicate})
		return err
	})
	if err != nil {
		return "", fmt.Errorf("ask for a verdict on %s: %w", id, err)
	}
	r.poke()
	return id, nil
}

// AskNext asks about the package that comes after all that were asked about.
func (r *Registry) AskNext(ctx context.Context) (string, error) {
	var asked int
	if err := r.db.QueryRow(ctx, `SELECT count(*) FROM question`).Scan(&asked); err != nil {
		return "", err
	}
	return r.AskForVerdict(ctx, asked+1)
}

// verdict keeps what was found about the signatures of a question.
func (o *operation) verdict(ctx context.Context) ([]message, error) {
	result, err := o.text("result")
	if err != nil {
		return nil, err
	}
	request, err := o.text("request")
	if err != nil {
		return nil, err
	}
	kept, err := o.tx.Exec(ctx, `UPDATE question SET answered_at = now(), accepted = $2, verdict = $3 WHERE id = $1`,
		request, strings.EqualFold(result, "accepted"), string(o.received.Payload))
	if err != nil {
		return nil, err
	}
	if kept.RowsAffected() == 0 {
		return nil, &bus.Fault{Code: bus.Sender, Subcode: "UnknownRequest", Reason: "the registry did not ask " + request}
	}
	return nil, nil
}

// Question is what was asked and what came back.
type Question struct {
	Answered bool
	Accepted bool
	Verdict  string // XML
}

// Question returns one by its id.
func (r *Registry) Question(ctx context.Context, id string) (q Question, err error) {
	var accepted *bool
	err = r.db.QueryRow(ctx, `SELECT answered_at IS NOT NULL, accepted, verdict FROM question WHERE id = $1`, id).Scan(&q.Answered, &accepted, &q.Verdict)
	q.Accepted = accepted != nil && *accepted
	return q, err
}
