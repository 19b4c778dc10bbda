package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"

	"github.com/taskurotta/taskurotta-go/fault"
)

// The cost of one password, as OWASP's password storage cheat sheet sets it for argon2id.
const (
	argonMemory  = 19 << 10 // KiB
	argonTime    = 2
	argonThreads = 1
	argonKey     = 32
	argonSalt    = 16
)

const (
	passwordMin = 8
	passwordMax = 200
)

var errPasswordHash = errors.New("the stored password hash is not an argon2id string")

// hashPassword returns the PHC string of a password. It waits for its turn: each hash takes memory.
func (s *Service) hashPassword(ctx context.Context, password string) (string, error) {
	if len(password) < passwordMin || len(password) > passwordMax {
		return "", fault.Newf(fault.Invalid, "password.length", "A password has %d to %d bytes.", passwordMin, passwordMax)
	}
	if err := s.turn(ctx); err != nil {
		return "", err
	}
	defer s.done()
	salt := make([]byte, argonSalt)
	_, _ = rand.Read(salt) // never fails
	key := argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonThreads, argonKey)
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonThreads, encode(salt), encode(key)), nil
}

// nobodysHash is checked where there is no account, so that the time of an answer does not tell which logins exist.
const nobodysHash = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// checkPassword reports whether a password made the hash.
func (s *Service) checkPassword(ctx context.Context, password, hash string) (bool, error) {
	if len(password) > passwordMax {
		return false, nil
	}
	salt, want, memory, passes, threads, err := parseHash(hash)
	if err != nil {
		return false, err
	}
	if err := s.turn(ctx); err != nil {
		return false, err
	}
	defer s.done()
	got := argon2.IDKey([]byte(password), salt, passes, memory, threads, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

func parseHash(hash string) (salt, key []byte, memory, passes uint32, threads uint8, err error) {
	parts := strings.Split(hash, "$")
	var version int
	if len(parts) != 6 || parts[1] != "argon2id" {
		return nil, nil, 0, 0, 0, errPasswordHash
	}
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return nil, nil, 0, 0, 0, errPasswordHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &threads); err != nil {
		return nil, nil, 0, 0, 0, errPasswordHash
	}
	salt, errSalt := base64.RawStdEncoding.DecodeString(parts[4])
	key, errKey := base64.RawStdEncoding.DecodeString(parts[5])
	if errSalt != nil || errKey != nil || len(key) < 16 || passes == 0 || threads == 0 {
		return nil, nil, 0, 0, 0, errPasswordHash
	}
	return salt, key, memory, passes, threads, nil
}

// turn waits for one of the places in which a password is hashed.
func (s *Service) turn(ctx context.Context) error {
	select {
	case s.hashing <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fault.Wrap(ctx.Err(), fault.Unavailable, "auth.busy", "Too many people sign in at once.")
	}
}

func (s *Service) done() { <-s.hashing }
