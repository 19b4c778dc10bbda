package signature

import (
	"encoding/asn1"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBERBecomesDER(t *testing.T) {
	for name, c := range map[string]struct{ ber, der string }{
		"DER stays":           {"\x30\x03\x02\x01\x05", "\x30\x03\x02\x01\x05"},
		"indefinite length":   {"\x30\x80\x02\x01\x05\x00\x00", "\x30\x03\x02\x01\x05"},
		"long form of length": {"\x30\x81\x03\x02\x01\x05", "\x30\x03\x02\x01\x05"},
		"string in pieces":    {"\x24\x80\x04\x02ab\x24\x04\x04\x02cd\x00\x00", "\x04\x04abcd"},
		"a large tag":         {"\xbf\x81\x01\x80\x02\x01\x05\x00\x00", "\xbf\x81\x01\x03\x02\x01\x05"},
	} {
		got, err := toDER([]byte(c.ber))
		require.NoError(t, err, name)
		require.Equal(t, c.der, string(got), name)
	}
	for name, raw := range map[string]string{
		"no end":                        "\x30\x80\x02\x01\x05",
		"an end alone":                  "\x00\x00",
		"indefinite and primitive":      "\x04\x80ab\x00\x00",
		"a number as piece of a string": "\x24\x80\x02\x01\x05\x00\x00",
		"longer than there is":          "\x30\x05\x02\x01\x05",
		"more behind":                   "\x02\x01\x05\x00",
	} {
		_, err := toDER([]byte(raw))
		require.Error(t, err, name)
	}
}

// FuzzDER holds that what comes out is DER, and that DER is left alone.
func FuzzDER(f *testing.F) {
	f.Add([]byte("\x30\x80\x24\x80\x04\x02ab\x04\x02cd\x00\x00\x00\x00"))
	f.Add([]byte("\x30\x81\x03\x02\x01\x05"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		der, err := toDER(raw)
		if err != nil {
			return
		}
		var element asn1.RawValue
		rest, err := asn1.Unmarshal(der, &element)
		if err == nil {
			require.Empty(t, rest)
		}
		again, err := toDER(der)
		require.NoError(t, err)
		require.Equal(t, der, again)
	})
}
