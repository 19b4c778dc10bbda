package expr

import (
	"strings"
	"time"
)

// budget is what one evaluation may still spend.
type budget struct {
	steps    int
	elements int
	now      time.Time
}

func newBudget(data Context) *budget {
	return &budget{steps: MaxSteps, elements: MaxElements, now: data.Now}
}

func (b *budget) step(n int) error {
	b.steps -= n
	if b.steps < 0 {
		return errorf(CodeLimit, -1, "the expression takes more than %d steps", MaxSteps)
	}
	return nil
}

func (b *budget) grow(n int) error {
	b.elements -= n
	if b.elements < 0 {
		return errorf(CodeLimit, -1, "the expression builds more than %d elements", MaxElements)
	}
	return nil
}

// spend charges for work that grows with the length of a value.
func (b *budget) spend(value any) error {
	switch v := value.(type) {
	case string:
		return b.step(len(v) / 128)
	case []any:
		return b.step(len(v))
	case []int:
		return b.step(len(v))
	case map[string]any:
		return b.step(len(v))
	default:
		return nil
	}
}

// spendDeep charges for every element of nested lists, each time it is in them.
func (b *budget) spendDeep(value any) error {
	items, ok := value.([]any)
	if !ok {
		return b.spend(value)
	}
	if err := b.step(1 + len(items)); err != nil {
		return err
	}
	for _, item := range items {
		if _, nested := item.([]any); nested {
			if err := b.spendDeep(item); err != nil {
				return err
			}
		}
	}
	return nil
}

// text charges for a text of the given length that is about to be built.
func (b *budget) text(length int) error {
	if length > MaxString {
		return errorf(CodeLimit, -1, "the expression builds a text longer than %d bytes", MaxString)
	}
	return b.step(length / 128)
}

func (b *budget) concat(parts ...string) (any, error) {
	length := 0
	for _, part := range parts {
		length += len(part)
	}
	if err := b.text(length); err != nil {
		return nil, err
	}
	return strings.Join(parts, ""), nil
}
