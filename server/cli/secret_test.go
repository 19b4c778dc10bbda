package cli_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/server/cli"
	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

// TestSecretsFromTheCommandLine sets a secret from the standard input, changes its scope and deletes it. No answer shows the value.
func TestSecretsFromTheCommandLine(t *testing.T) {
	t.Parallel()
	o := newOperator(t)
	require.Equal(t, cli.Usage, o.run("\n", "secret", "set", "bus.token").Exit, "an empty value")
	refused := o.run("x", "secret", "set", "Bus")
	require.Equal(t, cli.Failure, refused.Exit, refused.err)
	require.Equal(t, cli.Failure, o.run("", "secret", "set", "bus.token", "--keep-value").Exit, "there is no value to keep")
	set := o.run("s3cret-value\n", "secret", "set", "bus.token", "--description", "of the bus", "--node-types", "bus.send")
	require.Equal(t, cli.OK, set.Exit, set.err)
	o.do("secret", "set", "bus.token", "--keep-value", "--node-types", "bus.send@1", "--pools", "default")
	all := ask[list[httpapi.Secret]](o, "secret", "list").Items
	require.Len(t, all, 1)
	require.Equal(t, []string{"bus.send@1"}, all[0].NodeTypes)
	require.Equal(t, []string{"default"}, all[0].Pools)
	table := o.do("secret", "list")
	require.Contains(t, table, "bus.token")
	require.Contains(t, table, "bus.send@1")
	for _, text := range []string{set.out, set.err, table} {
		require.NotContains(t, text, "s3cret")
	}
	require.Contains(t, o.do("secret", "delete", "bus.token"), "deleted secret bus.token")
	require.Equal(t, cli.NotFound, o.run("", "secret", "delete", "bus.token").Exit)
}
