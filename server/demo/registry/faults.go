package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Faults are how badly the registry behaves. Shares are from 0 to 1. Those of objects and applications are drawn once for each, by its
// number, so that asking again gives the same answer; those of messages are drawn for each message.
type Faults struct {
	DelayMin time.Duration `json:"delay_min"` // shortest time to an answer
	DelayMax time.Duration `json:"delay_max"`

	Refuse      float64 `json:"refuse"`       // objects about which no information is given
	FailEntry   float64 `json:"fail_entry"`   // applications whose entry is refused for good
	FailExtract float64 `json:"fail_extract"` // applications whose extract is refused for good
	Unpaid      float64 `json:"unpaid"`       // applications whose fee is never paid
	PaidLate    float64 `json:"paid_late"`    // applications whose fee is paid after it was asked for

	Silent    float64 `json:"silent"`    // requests that are acknowledged and never answered
	Duplicate float64 `json:"duplicate"` // answers that are sent twice
	Early     float64 `json:"early"`     // answers that overtake the acknowledgement of what they answer
	LostAck   float64 `json:"lost_ack"`  // messages that are taken while the acknowledgement gets lost

	AckDelay time.Duration `json:"ack_delay"` // from the commit to the acknowledgement

	OutageEvery time.Duration `json:"outage_every"` // from the beginning of one outage to that of the next; 0: none
	OutageFor   time.Duration `json:"outage_for"`
}

// DefaultFaults are those of a registry that works, at the pace of a demonstration.
func DefaultFaults() Faults {
	return Faults{DelayMin: 2 * time.Second, DelayMax: 8 * time.Second, Duplicate: 0.05, Early: 0.05}
}

// Check says what is wrong with the numbers.
func (f Faults) Check() error {
	for name, share := range map[string]float64{
		"refuse": f.Refuse, "fail_entry": f.FailEntry, "fail_extract": f.FailExtract, "unpaid": f.Unpaid, "paid_late": f.PaidLate,
		"silent": f.Silent, "duplicate": f.Duplicate, "early": f.Early, "lost_ack": f.LostAck,
	} {
		if !(share >= 0 && share <= 1) {
			return fmt.Errorf("%s is a share from 0 to 1", name)
		}
	}
	for name, span := range map[string]time.Duration{"delay_min": f.DelayMin, "delay_max": f.DelayMax, "ack_delay": f.AckDelay, "outage_every": f.OutageEvery, "outage_for": f.OutageFor} {
		if span < 0 || span > 30*24*time.Hour {
			return fmt.Errorf("%s is a time from 0 to 30 days", name)
		}
	}
	if f.DelayMin > f.DelayMax {
		return errors.New("delay_min is longer than delay_max")
	}
	if f.OutageEvery > 0 && f.OutageFor >= f.OutageEvery {
		return errors.New("outage_for is not shorter than outage_every: the bus would never be there")
	}
	return nil
}

// Set changes one by its name, as the page has it: a share from 0 to 1, or a time like 500ms.
func (f *Faults) Set(name, value string) error {
	for _, k := range knobs {
		if k.Name != name {
			continue
		}
		var err error
		if k.share != nil {
			*k.share(f), err = strconv.ParseFloat(value, 64)
		} else {
			*k.span(f), err = time.ParseDuration(value)
		}
		if err != nil {
			return fmt.Errorf("%s: %q is no value for it", name, value)
		}
		return nil
	}
	names := make([]string, len(knobs))
	for i, k := range knobs {
		names[i] = k.Name
	}
	return fmt.Errorf("%q is none of %s", name, strings.Join(names, ", "))
}

// delay draws the time to an answer.
func (f Faults) delay() time.Duration {
	return f.DelayMin + time.Duration(rand.Int64N(int64(f.DelayMax-f.DelayMin)+1))
}

// chance draws for one message.
func chance(share float64) bool { return rand.Float64() < share }

// of draws for a subject, the same each time: one that is among few is among more, too.
func of(share float64, what, subject string) bool { return drawn(what, subject) < share }

// RefusesInformation tells whether nothing is told about an object.
func (f Faults) RefusesInformation(cadastral string) bool { return of(f.Refuse, "refuse", cadastral) }

// FailsEntry tells whether the entry of an application is refused for good.
func (f Faults) FailsEntry(application string) bool {
	return of(f.FailEntry, "fail_entry", application)
}

// FailsExtract tells whether the extract of an application is refused for good.
func (f Faults) FailsExtract(application string) bool {
	return of(f.FailExtract, "fail_extract", application)
}

// NeverPaid tells whether the fee of an application is never paid.
func (f Faults) NeverPaid(application string) bool { return of(f.Unpaid, "unpaid", application) }

// PaysLate tells whether the fee of an application is paid after it was asked for.
func (f Faults) PaysLate(application string) bool {
	return of(f.PaidLate, "paid_late", application) && !f.NeverPaid(application)
}

func drawn(what, subject string) float64 {
	sum := fnv.New64a()
	_, _ = sum.Write([]byte(what + "\x00" + subject))
	// FNV's high bits move little from one number to the next.
	mixed := sum.Sum64() * 0x9e3779b97f4a7c15
	return float64((mixed^mixed>>29)>>11) / (1 << 53)
}

// outage tells whether the bus is away at a moment.
func (f Faults) outage(since time.Duration) bool {
	return f.OutageEvery > 0 && since >= f.OutageEvery && since%f.OutageEvery < f.OutageFor
}

// Faults returns how it behaves now.
func (r *Registry) Faults() Faults {
	r.faultsMu.RLock()
	defer r.faultsMu.RUnlock()
	return r.faults
}

// Behave changes how it behaves, and keeps that for the next start.
func (r *Registry) Behave(ctx context.Context, faults Faults) error {
	if err := faults.Check(); err != nil {
		return err
	}
	raw, err := json.Marshal(faults)
	if err != nil {
		return err
	}
	if _, err := r.db.Exec(ctx, `INSERT INTO setting (faults) VALUES ($1) ON CONFLICT (single) DO UPDATE SET faults = excluded.faults`, raw); err != nil {
		return fmt.Errorf("keep the registry's faults: %w", err)
	}
	r.faultsMu.Lock()
	r.faults = faults
	r.faultsMu.Unlock()
	return nil
}

// loadFaults takes those of the last run unless the configuration says others.
func (r *Registry) loadFaults(ctx context.Context) error {
	if r.config.Faults != nil {
		return r.Behave(ctx, *r.config.Faults)
	}
	var raw []byte
	err := r.db.QueryRow(ctx, `SELECT faults FROM setting`).Scan(&raw)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the registry's faults: %w", err)
	}
	// What another release kept and this one can't use leaves the defaults.
	var kept Faults
	if readable := json.Unmarshal(raw, &kept) == nil && kept.Check() == nil; readable {
		r.faults = kept
	}
	return nil
}
