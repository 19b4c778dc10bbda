package auth

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/fault"
)

func TestHashesDifferAndCheck(t *testing.T) {
	s := &Service{hashing: make(chan struct{}, 1)}
	first, err := s.hashPassword(t.Context(), "correct horse")
	require.NoError(t, err)
	second, err := s.hashPassword(t.Context(), "correct horse")
	require.NoError(t, err)
	require.NotEqual(t, first, second, "salted")
	for password, want := range map[string]bool{"correct horse": true, "correct hors": false, "": false} {
		right, err := s.checkPassword(t.Context(), password, first)
		require.NoError(t, err)
		require.Equal(t, want, right, password)
	}
}

func TestNobodysHashCostsWhatOthersDo(t *testing.T) {
	s := &Service{hashing: make(chan struct{}, 1)}
	right, err := s.hashPassword(t.Context(), "correct horse")
	require.NoError(t, err)
	_, realKey, m1, t1, p1, err := parseHash(right)
	require.NoError(t, err)
	_, key, m2, t2, p2, err := parseHash(nobodysHash)
	require.NoError(t, err)
	require.Equal(t, []any{m1, t1, p1, len(realKey)}, []any{m2, t2, p2, len(key)})
}

func TestBrokenHashesAreErrors(t *testing.T) {
	for _, hash := range []string{"", "x", "$argon2i$v=19$m=1,t=1,p=1$AA$AA", "$argon2id$v=18$m=1,t=1,p=1$AA$AA", "$argon2id$v=19$m=1,t=0,p=1$AA$AAAAAAAAAAAAAAAAAAAAAAAAAAA"} {
		_, _, _, _, _, err := parseHash(hash)
		require.ErrorIs(t, err, errPasswordHash, hash)
	}
}

// TestHashingTakesTurns holds the bound on memory: who finds no place waits no longer than its request.
func TestHashingTakesTurns(t *testing.T) {
	s := &Service{hashing: make(chan struct{}, 1)}
	s.hashing <- struct{}{}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.hashPassword(ctx, "correct horse")
	require.Equal(t, fault.Unavailable, fault.KindOf(err))
	<-s.hashing
	_, err = s.hashPassword(t.Context(), "correct horse")
	require.NoError(t, err)
}
