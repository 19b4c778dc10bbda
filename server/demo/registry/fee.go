package registry

import (
	"context"
	"fmt"
	"time"

	"github.com/taskurotta/taskurotta-go/workers/xmldoc"
)

// fees of an application of a kind.
var fees = map[string]string{"sale": "2000.00", "lease": "1500.00", "mortgage": "1000.00"}

const otherFee = "500.00"

// checkFee tells whether the fee of an application is paid. One that is paid late is told of by a second message.
func (o *operation) checkFee(ctx context.Context) ([]message, error) {
	application, err := o.text("application")
	if err != nil {
		return nil, err
	}
	kind, err := o.text("kind")
	if err != nil {
		return nil, err
	}
	amount, known := fees[kind]
	if !known {
		amount = otherFee
	}
	late, never := o.faults.PaysLate(application), o.faults.NeverPaid(application)
	_, err = o.tx.Exec(ctx, `INSERT INTO payment (application, kind, amount, paid_at) VALUES ($1, $2, $3::numeric, CASE WHEN $4 THEN now() END) ON CONFLICT DO NOTHING`,
		application, kind, amount, !late && !never)
	if err != nil {
		return nil, fmt.Errorf("write the payment of %s: %w", application, err)
	}
	var due string
	var paid *time.Time
	if err := o.tx.QueryRow(ctx, `SELECT amount::text, paid_at FROM payment WHERE application = $1`, application).Scan(&due, &paid); err != nil {
		return nil, err
	}
	state := "paid"
	if paid == nil {
		state = "unpaid"
	}
	answers, err := o.answer(FeeState, "fee", field("result", state), field("amount", due))
	if err != nil || state == "paid" || never {
		return answers, err
	}
	if _, err := o.tx.Exec(ctx, `UPDATE payment SET paid_at = now() WHERE application = $1`, application); err != nil {
		return nil, err
	}
	told, err := o.answer(FeePaid, "payment", paymentFields(application, due)...)
	if err != nil {
		return nil, err
	}
	return append(answers, told...), nil
}

func paymentFields(application, amount string) []xmldoc.Field {
	return []xmldoc.Field{field("application", application), field("amount", amount)}
}

// bookFee moves a paid fee into the books, once for an application.
func (o *operation) bookFee(ctx context.Context) ([]message, error) {
	application, err := o.text("application")
	if err != nil {
		return nil, err
	}
	_, err = o.tx.Exec(ctx, `INSERT INTO booking (application, amount) SELECT application, amount FROM payment WHERE application = $1 AND paid_at IS NOT NULL
		ON CONFLICT (application) WHERE refunded_at IS NULL DO NOTHING`, application)
	if err != nil {
		return nil, fmt.Errorf("book the fee of %s: %w", application, err)
	}
	rows, err := o.tx.Query(ctx, `SELECT number, amount::text FROM booking WHERE application = $1 AND refunded_at IS NULL`, application)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return nil, err
		}
		return o.refusal(FeeBooked, "booking", CodeNoFee, why{"no fee was paid for this application", "пошлина по этому заявлению не уплачена"})
	}
	var number int64
	var amount string
	if err := rows.Scan(&number, &amount); err != nil {
		return nil, err
	}
	return o.answer(FeeBooked, "booking", field("result", "booked"), field("number", number), field("amount", amount))
}

// refundFee has no answer: what it asks for is done when it is acknowledged.
func (o *operation) refundFee(ctx context.Context) ([]message, error) {
	application, err := o.text("application")
	if err != nil {
		return nil, err
	}
	_, err = o.tx.Exec(ctx, `UPDATE booking SET refunded_at = now() WHERE application = $1 AND refunded_at IS NULL`, application)
	return nil, err
}
