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
type size struct{ left int }

func (s *size) take(n int) error {
	s.left -= n
	if s.left < 0 {
		return errorf(CodeLimit, -1, "the result is larger than %d KiB", MaxResult>>10)
	}
	return nil
}

// plainValue turns a result into JSON values and holds it to the size.
func plainValue(value any, left *size) (any, error) {
	switch v := value.(type) {
	case nil, bool, int:
		return v, left.take(4)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, errorf(CodeEval, -1, "the result is not a finite number")
		}
		return v, left.take(8)
	case string:
		return v, left.take(len(v) + 2)
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano), left.take(32)
	case time.Duration:
		return v.String(), left.take(16)
	case []any:
		items := make([]any, 0, min(len(v), 64))
		for _, item := range v {
			plain, err := plainValue(item, left)
			if err != nil {
				return nil, err
			}
			items = append(items, plain)
		}
		return items, left.take(2)
	case map[string]any:
		object := make(map[string]any, min(len(v), 64))
		for key, item := range v {
			plain, err := plainValue(item, left)
			if err != nil {
				return nil, err
			}
			object[key] = plain
			if err := left.take(len(key) + 3); err != nil {
				return nil, err
			}
		}
		return object, left.take(2)
	}
	return plainByReflection(reflect.ValueOf(value), left)
}

// plainByReflection handles the typed lists, maps and numbers that builtins return.
func plainByReflection(value reflect.Value, left *size) (any, error) {
	switch value.Kind() {
	case reflect.Slice, reflect.Array:
		if err := left.take(2 * value.Len()); err != nil {
			return nil, err
		}
		items := make([]any, value.Len())
		for i := range items {
			plain, err := plainValue(value.Index(i).Interface(), left)
			if err != nil {
				return nil, err
			}
			items[i] = plain
		}
		return items, nil
	case reflect.Map:
		object := make(map[string]any, value.Len())
		for _, key := range value.MapKeys() {
			plain, err := plainValue(value.MapIndex(key).Interface(), left)
			if err != nil {
				return nil, err
			}
			object[fmt.Sprint(key.Interface())] = plain
		}
		return object, nil
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return int(value.Int()), left.take(4)
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return int(value.Uint()), left.take(4)
	case reflect.Float32:
		return plainValue(value.Float(), left)
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
	plain, err := plainValue(value, &size{left: MaxString})
	if err != nil {
		return "", err
	}
	raw, err := EncodeJSON(plain)
	if err != nil {
		return "", err
	}
	return text(string(raw))
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
