package registry

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/taskurotta/taskurotta-go/server/demo/paper"
	"github.com/taskurotta/taskurotta-go/workers/xmldoc"
)

// parcel is what the registry knows of a piece of land.
type parcel struct {
	address     string
	area        int
	encumbrance string
}

// parcel returns a piece of land; one that was never heard of comes into being, the same in every registry.
func (o *operation) parcel(ctx context.Context, number string) (parcel, error) {
	made := parcel{address: paper.Address(number), area: 400 + int(drawn("area", number)*2000), encumbrance: "none"}
	if drawn("encumbrance", number) < 0.2 {
		made.encumbrance = "mortgage"
	}
	_, err := o.tx.Exec(ctx, `INSERT INTO parcel (cadastral_number, address, area, encumbrance) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
		number, made.address, made.area, made.encumbrance)
	if err != nil {
		return parcel{}, fmt.Errorf("write parcel %s: %w", number, err)
	}
	var p parcel
	err = o.tx.QueryRow(ctx, `SELECT address, area, encumbrance FROM parcel WHERE cadastral_number = $1`, number).Scan(&p.address, &p.area, &p.encumbrance)
	return p, err
}

// holder returns who has a right to a piece of land by the newest entry, at first by the old books.
func (o *operation) holder(ctx context.Context, number string) (holder, kind string, err error) {
	err = o.tx.QueryRow(ctx, `SELECT holder, kind FROM entry WHERE cadastral_number = $1 AND withdrawn_at IS NULL ORDER BY number DESC LIMIT 1`, number).Scan(&holder, &kind)
	if errors.Is(err, pgx.ErrNoRows) {
		return paper.Person(number), "old_books", nil
	}
	return holder, kind, err
}

// The codes with which the registry refuses.
const (
	CodeNotFound   = "NOT_FOUND"   // there is no such object
	CodeRestricted = "RESTRICTED"  // nobody may be told
	CodeConflict   = "CONFLICT"    // somebody else's right stands against it
	CodeNoFee      = "FEE_MISSING" // no booked fee
	CodeNoEntry    = "NO_ENTRY"
	CodeArchive    = "ARCHIVE" // the old books can't be read
)

func (o *operation) information(ctx context.Context) ([]message, error) {
	kind, err := o.text("kind")
	if err != nil {
		return nil, err
	}
	number, known, err := o.parcelNumber()
	switch {
	case err != nil:
		return nil, err
	case chance(o.faults.Silent):
		return nil, nil
	case !known:
		return o.refusal(Information, "information", CodeNotFound, why{"there is no object with this cadastral number", "объекта с таким кадастровым номером нет"})
	case o.faults.RefusesInformation(number):
		return o.refusal(Information, "information", CodeRestricted, why{"nobody is told about this object", "сведения об этом объекте не выдаются"})
	}
	p, err := o.parcel(ctx, number)
	if err != nil {
		return nil, err
	}
	fields := []xmldoc.Field{field("result", "given"), field("kind", kind), field("cadastral_number", number)}
	switch kind {
	case "parcel":
		fields = append(fields, field("address", p.address), field("area", p.area))
	case "rights":
		holder, right, err := o.holder(ctx, number)
		if err != nil {
			return nil, err
		}
		fields = append(fields, field("holder", holder), field("right", right))
	case "encumbrances":
		fields = append(fields, field("encumbrance", p.encumbrance))
	default:
		return o.refusal(Information, "information", CodeNotFound, why{"the registry keeps nothing of the kind " + kind, "реестр не ведёт сведений вида " + kind})
	}
	return o.answer(Information, "information", fields...)
}

func (o *operation) makeEntry(ctx context.Context) ([]message, error) {
	application, err := o.text("application")
	if err != nil {
		return nil, err
	}
	kind, err := o.text("kind")
	if err != nil {
		return nil, err
	}
	holder, err := o.text("holder")
	if err != nil {
		return nil, err
	}
	number, known, err := o.parcelNumber()
	switch {
	case err != nil:
		return nil, err
	case !known:
		return o.refusal(EntryAnswer, "entry", CodeNotFound, why{"there is no object with this cadastral number", "объекта с таким кадастровым номером нет"})
	case o.faults.FailsEntry(application):
		return o.refusal(EntryAnswer, "entry", CodeConflict, why{"another application for this object came first", "другое заявление об этом объекте поступило раньше"})
	}
	if _, err := o.parcel(ctx, number); err != nil {
		return nil, err
	}
	var booked bool
	if err := o.tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM booking WHERE application = $1 AND refunded_at IS NULL FOR UPDATE)`, application).Scan(&booked); err != nil {
		return nil, err
	}
	if !booked {
		return o.refusal(EntryAnswer, "entry", CodeNoFee, why{"no fee is booked for this application", "пошлина по этому заявлению не учтена"})
	}
	if _, err := o.tx.Exec(ctx, `INSERT INTO entry (cadastral_number, application, kind, holder) VALUES ($1, $2, $3, $4)
		ON CONFLICT (application) WHERE withdrawn_at IS NULL DO NOTHING`, number, application, kind, holder); err != nil {
		return nil, fmt.Errorf("enter %s: %w", application, err)
	}
	var made int64
	if err := o.tx.QueryRow(ctx, `SELECT number FROM entry WHERE application = $1 AND withdrawn_at IS NULL`, application).Scan(&made); err != nil {
		return nil, err
	}
	return o.answer(EntryAnswer, "entry", field("result", "made"), field("number", entryNumber(number, made)))
}

// entryNumber is how people know an entry.
func entryNumber(cadastral string, number int64) string {
	return fmt.Sprintf("%s-%d", cadastral, number)
}

// withdrawEntry has no answer: what it asks for is done when it is acknowledged.
func (o *operation) withdrawEntry(ctx context.Context) ([]message, error) {
	application, err := o.text("application")
	if err != nil {
		return nil, err
	}
	_, err = o.tx.Exec(ctx, `UPDATE entry SET withdrawn_at = now() WHERE application = $1 AND withdrawn_at IS NULL`, application)
	return nil, err
}

func (o *operation) extract(ctx context.Context) ([]message, error) {
	application, err := o.text("application")
	if err != nil {
		return nil, err
	}
	if o.faults.FailsExtract(application) {
		return o.refusal(Extract, "extract", CodeArchive, why{"the books of this object can't be read", "книги этого объекта не читаются"})
	}
	var number int64
	var cadastral, kind, holder string
	var made time.Time
	err = o.tx.QueryRow(ctx, `SELECT number, cadastral_number, kind, holder, made_at FROM entry WHERE application = $1 AND withdrawn_at IS NULL`, application).
		Scan(&number, &cadastral, &kind, &holder, &made)
	if errors.Is(err, pgx.ErrNoRows) {
		return o.refusal(Extract, "extract", CodeNoEntry, why{"this application made no entry", "по этому заявлению записи нет"})
	}
	if err != nil {
		return nil, err
	}
	p, err := o.parcel(ctx, cadastral)
	if err != nil {
		return nil, err
	}
	return o.answer(Extract, "extract", field("result", "given"), field("number", entryNumber(cadastral, number)), field("cadastral_number", cadastral),
		field("address", p.address), field("area", p.area), field("kind", kind), field("holder", holder), field("encumbrance", p.encumbrance), field("entered_on", day(made)))
}
