package cli_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/server/cli"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

// TestRetentionFromTheCommandLine looks, counts and changes.
func TestRetentionFromTheCommandLine(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	o.publish("deed", between("", step("one", `{}`), edge("start", "one")+","+edge("one", "end")))
	require.Equal(t, 90, ask[httpapi.Retentions](o, "retention", "list").Default.Days)
	require.Contains(t, o.do("retention", "preview", "--definition", "deed", "--days", "1"), "0 ended processes")
	require.Equal(t, cli.Usage, o.run("", "retention", "set", "--days", "30", "--reason", "the law").Exit, "the default is not meant by mistake")
	require.Equal(t, cli.NotFound, o.run("", "retention", "set", "--definition", "nothing", "--days", "30", "--reason", "the law").Exit)
	o.do("retention", "set", "--definition", "deed", "--days", "30", "--reason", "the law")
	o.do("retention", "set", "--default", "--days", "365", "--reason", "room enough")
	all := ask[httpapi.Retentions](o, "retention", "list")
	require.Equal(t, 365, all.Default.Days)
	require.Len(t, all.Items, 1)
	require.Equal(t, 30, all.Items[0].Days)
	require.Equal(t, 365, all.Items[0].Default)
	require.Contains(t, o.do("retention", "list"), "the law")
}
