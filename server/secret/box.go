package secret

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// Sealed is an encrypted value: AES-256-GCM with a random nonce before it, by the key that KeyID begins the hash of.
type Sealed struct {
	KeyID []byte
	Box   []byte
}

// ErrKey says that there is no key, or not the one that sealed a value.
var ErrKey = errors.New("the key that sealed the value is not configured")

// Box seals and opens values. Its zero value has no key: it can do neither.
type Box struct{ keys []sealing }

type sealing struct {
	id   []byte
	aead cipher.AEAD
}

// NewKey makes a key as the configuration holds it.
func NewKey() string {
	var key [32]byte
	_, _ = rand.Read(key[:]) // it ends the program when it fails
	return base64.StdEncoding.EncodeToString(key[:])
}

// NewBox returns a box with the keys of a configuration: 32 bytes in base64 each, separated by commas. The first one seals, each one
// opens what it has sealed, so a key is changed by putting the new one before the old one. An empty text is no key.
func NewBox(keys string) (*Box, error) {
	box := &Box{}
	for i, text := range strings.Split(keys, ",") {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		key, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(key) != 32 {
			return nil, fmt.Errorf("key %d of secrets is not 32 bytes in base64", i+1)
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		aead, err := cipher.NewGCM(block)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(key)
		box.keys = append(box.keys, sealing{sum[:8], aead})
	}
	return box, nil
}

// Locked tells that there is no key to seal with.
func (b *Box) Locked() bool { return len(b.keys) == 0 }

// Seal encrypts a value. about is what it belongs to: it opens for nothing else.
func (b *Box) Seal(about, value string) (Sealed, error) {
	if b.Locked() {
		return Sealed{}, ErrKey
	}
	k := b.keys[0]
	nonce := make([]byte, k.aead.NonceSize())
	_, _ = rand.Read(nonce)
	return Sealed{KeyID: k.id, Box: k.aead.Seal(nonce, nonce, []byte(value), []byte(about))}, nil
}

// Open decrypts a value.
func (b *Box) Open(about string, sealed Sealed) (string, error) {
	for _, k := range b.keys {
		if !bytes.Equal(k.id, sealed.KeyID) {
			continue
		}
		if len(sealed.Box) < k.aead.NonceSize() {
			return "", fmt.Errorf("open %s: it is too short", about)
		}
		value, err := k.aead.Open(nil, sealed.Box[:k.aead.NonceSize()], sealed.Box[k.aead.NonceSize():], []byte(about))
		if err != nil {
			return "", fmt.Errorf("open %s: %w", about, err)
		}
		return string(value), nil
	}
	return "", fmt.Errorf("open %s: %w", about, ErrKey)
}
