package flow

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The cases are those of RFC 7396, appendix A, and what inputs need besides.
func TestAMergePatchChangesWhatItNames(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ value, patch, want string }{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a": null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`{"e":null}`, `{"a":1}`, `{"a":1,"e":null}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
		{`{"n":9007199254740993,"sum":"0.10"}`, `{"kind":"sale"}`, `{"kind":"sale","n":9007199254740993,"sum":"0.10"}`},
		{`{"a":null}`, `{"a":{"b":1}}`, `{"a":{"b":1}}`},
	} {
		got, err := patched([]byte(test.value), []byte(test.patch))
		require.NoError(t, err)
		require.Equal(t, test.want, string(got), "%s over %s", test.patch, test.value)
	}
}
