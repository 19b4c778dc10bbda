package secret_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/server/secret"
)

func TestABoxOpensWhatItSealed(t *testing.T) {
	t.Parallel()
	first, second := secret.NewKey(), secret.NewKey()
	box, err := secret.NewBox(first)
	require.NoError(t, err)
	sealed, err := box.Seal("secret/a", "тайна")
	require.NoError(t, err)
	require.NotContains(t, string(sealed.Box), "тайна")
	again, err := box.Seal("secret/a", "тайна")
	require.NoError(t, err)
	require.NotEqual(t, sealed.Box, again.Box, "each has a nonce of its own")
	value, err := box.Open("secret/a", sealed)
	require.NoError(t, err)
	require.Equal(t, "тайна", value)

	// A key is changed by putting a new one before it.
	both, err := secret.NewBox(second + ", " + first)
	require.NoError(t, err)
	value, err = both.Open("secret/a", sealed)
	require.NoError(t, err)
	require.Equal(t, "тайна", value)
	newer, err := both.Seal("secret/a", "x")
	require.NoError(t, err)
	_, err = box.Open("secret/a", newer)
	require.ErrorIs(t, err, secret.ErrKey)

	for name, change := range map[string]func(*secret.Sealed) string{
		"of another name": func(*secret.Sealed) string { return "secret/b" },
		"a changed bit":   func(s *secret.Sealed) string { s.Box[len(s.Box)-1] ^= 1; return "secret/a" },
		"a changed nonce": func(s *secret.Sealed) string { s.Box[0] ^= 1; return "secret/a" },
		"too short":       func(s *secret.Sealed) string { s.Box = s.Box[:5]; return "secret/a" },
		"an unknown key":  func(s *secret.Sealed) string { s.KeyID = []byte("xxxxxxxx"); return "secret/a" },
	} {
		bad := secret.Sealed{KeyID: sealed.KeyID, Box: append([]byte{}, sealed.Box...)}
		about := change(&bad)
		_, err := box.Open(about, bad)
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), "тайна")
	}

	none, err := secret.NewBox("")
	require.NoError(t, err)
	require.True(t, none.Locked())
	_, err = none.Seal("secret/a", "x")
	require.ErrorIs(t, err, secret.ErrKey)
	for _, bad := range []string{"x", "c2hvcnQ=", first + ",x"} {
		_, err := secret.NewBox(bad)
		require.Error(t, err)
		require.NotContains(t, err.Error(), first)
	}
}
