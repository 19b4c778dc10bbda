package expr

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// DecodeJSON decodes one JSON value: whole numbers to int (64 bits survive), others to float64, objects to map[string]any.
func DecodeJSON(raw []byte) (any, error) {
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, fmt.Errorf("more than one JSON value")
	}
	return numbers(value)
}

func numbers(value any) (any, error) {
	switch v := value.(type) {
	case json.Number:
		if whole, err := strconv.Atoi(v.String()); err == nil {
			return whole, nil
		}
		number, err := v.Float64()
		if err != nil {
			return nil, fmt.Errorf("the number %s does not fit", v)
		}
		if number == math.Trunc(number) && math.Abs(number) < 1<<53 && !strings.ContainsAny(v.String(), "eE") {
			return int(number), nil
		}
		return number, nil
	case []any:
		for i := range v {
			item, err := numbers(v[i])
			if err != nil {
				return nil, err
			}
			v[i] = item
		}
	case map[string]any:
		for key := range v {
			item, err := numbers(v[key])
			if err != nil {
				return nil, err
			}
			v[key] = item
		}
	}
	return value, nil
}

// EncodeJSON encodes a value with sorted keys and without HTML escapes: equal values give equal bytes.
func EncodeJSON(value any) (json.RawMessage, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, errorf(CodeEval, -1, "the result has no JSON form: %s", err)
	}
	return bytes.TrimRight(buffer.Bytes(), "\n"), nil
}

// size counts the bytes that a value takes as JSON, so that shared parts can't multiply unseen.
type size struct{ left, limit int }

func (s *size) take(n int) error {
	s.left -= n
	if s.left < 0 {
		return errorf(CodeLimit, -1, "the result is larger than %d KiB", s.limit>>10)
	}
	return nil
}

// plainValue turns a result into JSON values and holds it to the size and to the depth that a result may have. A list or object
// that is in several places of the result counts in each.
func plainValue(value any, left *size, depth int) (any, error) {
	if depth > MaxDepth {
		return nil, errorf(CodeLimit, -1, "the result nests deeper than %d levels", MaxDepth)
	}
	switch v := value.(type) {
	case nil, bool:
		return v, left.take(4)
	case int:
		return v, left.take(6)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, errorf(CodeEval, -1, "the result is not a finite number")
		}
		return v, left.take(8)
	case string:
		if strings.IndexByte(v, 0) >= 0 {
			return nil, errorf(CodeEval, -1, "the result holds a character that can't be stored (U+0000)")
		}
		return v, left.take(len(v) + 2)
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano), left.take(32)
	case time.Duration:
		return v.String(), left.take(16)
	case []any:
		if err := left.take(2 + len(v)); err != nil {
			return nil, err
		}
		items := make([]any, len(v))
		for i, item := range v {
			plain, err := plainValue(item, left, depth+1)
			if err != nil {
				return nil, err
			}
			items[i] = plain
		}
		return items, nil
	case map[string]any:
		object := make(map[string]any, min(len(v), 64))
		for key, item := range v {
			if strings.IndexByte(key, 0) >= 0 {
				return nil, errorf(CodeEval, -1, "the result holds a character that can't be stored (U+0000)")
			}
			if err := left.take(len(key) + 4); err != nil {
				return nil, err
			}
			plain, err := plainValue(item, left, depth+1)
			if err != nil {
				return nil, err
			}
			object[key] = plain
		}
		return object, left.take(2)
	}
	return plainByReflection(reflect.ValueOf(value), left, depth)
}

// plainByReflection handles the typed lists and numbers that builtins return.
func plainByReflection(value reflect.Value, left *size, depth int) (any, error) {
	switch value.Kind() {
	case reflect.Slice, reflect.Array:
		if err := left.take(2 + value.Len()); err != nil {
			return nil, err
		}
		items := make([]any, value.Len())
		for i := range items {
			plain, err := plainValue(value.Index(i).Interface(), left, depth+1)
			if err != nil {
				return nil, err
			}
			items[i] = plain
		}
		return items, nil
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return int(value.Int()), left.take(4)
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return int(value.Uint()), left.take(4)
	case reflect.Float32:
		return plainValue(value.Float(), left, depth)
	default:
		return nil, errorf(CodeEval, -1, "the result has no JSON form")
	}
}

// toText is string(x) and what a template inserts: texts as they are, nothing for null, the rest as JSON.
func toText(value any) (string, error) {
	switch v := value.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case time.Time:
		return v.UTC().Format(time.RFC3339), nil
	}
	plain, err := plainValue(value, &size{left: MaxString, limit: MaxString}, 0)
	if err != nil {
		return "", err
	}
	raw, err := EncodeJSON(plain)
	if err != nil {
		return "", err
	}
	return string(raw), nil
}

func kindName(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case string:
		return "text"
	case bool:
		return "boolean"
	case int, float64:
		return "number"
	case []any:
		return "list"
	case map[string]any:
		return "object"
	case time.Time:
		return "time"
	default:
		return fmt.Sprintf("%T", value)
	}
}
