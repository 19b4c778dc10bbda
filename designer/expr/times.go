package expr

import "time"

// parseDate is date(text): RFC 3339, a day, or a day with a time, which are read as UTC.
func parseDate(_ *budget, args []any) (any, error) {
	source, err := textArgument("date", args[0])
	if err != nil {
		return nil, err
	}
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly, "2006-01-02T15:04:05"} {
		if at, err := time.Parse(layout, source); err == nil {
			return at.UTC(), nil
		}
	}
	return nil, errorf(CodeEval, -1, "date: %q is neither RFC 3339 nor 2006-01-02", clip(source))
}

// formatDate is formatDate(time, layout) with Go's reference time as the layout: "02.01.2006 15:04". Times are in UTC.
func formatDate(b *budget, args []any) (any, error) {
	at, ok := args[0].(time.Time)
	if !ok {
		return nil, errorf(CodeEval, -1, "formatDate: not a time but a %s", kindName(args[0]))
	}
	layout, err := textArgument("formatDate", args[1])
	if err != nil {
		return nil, err
	}
	if len(layout) > 100 {
		return nil, errorf(CodeLimit, -1, "formatDate: the layout is longer than 100 bytes")
	}
	return at.UTC().Format(layout), b.step(1)
}

// seconds is seconds(duration).
func seconds(_ *budget, args []any) (any, error) {
	length, ok := args[0].(time.Duration)
	if !ok {
		return nil, errorf(CodeEval, -1, "seconds: not a duration but a %s", kindName(args[0]))
	}
	return length.Seconds(), nil
}
