package schema_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/designer/schema"
)

func TestFilesAreFoundWhereverDataNamesThem(t *testing.T) {
	a, b := strings.Repeat("a", 64), strings.Repeat("b", 64)
	for name, c := range map[string]struct {
		data  string
		files []schema.File
		wrong bool
	}{
		"nowhere":                   {data: `{"a":["$","file",{"file":"sha256:` + a + `"}]}`},
		"in a list":                 {data: `[1,{"$file":"sha256:` + a + `","name":"x"}]`, files: []schema.File{{Digest: a, Name: "x"}}},
		"under a key in escapes":    {data: `{"x":{"\u0024\u0066ile":"sha256:` + a + `"}}`, files: []schema.File{{Digest: a}}},
		"at an address in escapes":  {data: `{"x":{"$file":"\u0073ha256:` + a + `"}}`, files: []schema.File{{Digest: a}}},
		"beside another":            {data: `{"$file":"sha256:` + b + `","more":{"$file":"sha256:` + a + `"}}`, files: []schema.File{{Digest: a}, {Digest: b}}},
		"twice":                     {data: `[{"$file":"sha256:` + a + `"},{"$file":"sha256:` + a + `"}]`, files: []schema.File{{Digest: a}}},
		"beside one that is none":   {data: `[{"$file":"sha256:` + a + `"},{"$file":"../../etc/passwd"}]`, files: []schema.File{{Digest: a}}, wrong: true},
		"beside one that is a list": {data: `[{"$file":["sha256:` + a + `"]},{"$file":"sha256:` + b + `"}]`, files: []schema.File{{Digest: b}}, wrong: true},
	} {
		t.Run(name, func(t *testing.T) {
			files, err := schema.Files([]byte(c.data))
			if c.wrong {
				require.ErrorIs(t, err, schema.ErrFile)
			} else {
				require.NoError(t, err)
			}
			require.ElementsMatch(t, c.files, files)
		})
	}
	_, err := schema.Files([]byte(`{"$file`))
	require.Error(t, err)
}
