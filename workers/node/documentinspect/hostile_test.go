package documentinspect_test

import (
	"bytes"
	"compress/flate"
	"crypto/md5"
	"crypto/rc4"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/adler32"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/workers/node/documentinspect"
	"github.com/taskurotta/taskurotta-go/workers/sdk"
	"github.com/taskurotta/taskurotta-go/workers/sdk/sdktest"
)

// deflated is a zlib stream that unpacks to head and then 64 MiB of spaces, times times.
func deflated(t *testing.T, head string, times int) []byte {
	t.Helper()
	pack := func(content []byte) []byte {
		var out bytes.Buffer
		writer, err := flate.NewWriter(&out, flate.BestSpeed)
		require.NoError(t, err)
		_, err = writer.Write(content)
		require.NoError(t, err)
		require.NoError(t, writer.Flush()) // ends at a byte, so that streams can be strung together
		return out.Bytes()
	}
	out := []byte{0x78, 0x01}
	out = append(out, pack([]byte(head))...)
	out = append(out, bytes.Repeat(pack(bytes.Repeat([]byte(" "), 64<<20)), times)...)
	out = append(out, 1, 0, 0, 0xff, 0xff) // the last block: stored, empty
	return binary.BigEndian.AppendUint32(out, adler32.Checksum([]byte(head)))
}

// bombPDF keeps its catalog in an object stream (ISO 32000-1, 7.5.7) that unpacks to gigabytes.
func bombPDF(t *testing.T) []byte {
	t.Helper()
	packed := deflated(t, "3 0 << /Type /Catalog /Pages 4 0 R >> ", 64)
	var out bytes.Buffer
	out.WriteString("%PDF-1.5\n")
	first := out.Len()
	fmt.Fprintf(&out, "1 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n", len(packed))
	out.Write(packed)
	out.WriteString("\nendstream\nendobj\n")
	second := out.Len()
	var table []byte
	row := func(kind byte, at int, generation byte) {
		table = append(table, kind)
		table = binary.BigEndian.AppendUint32(table, uint32(at))
		table = append(table, generation)
	}
	row(0, 0, 255)
	row(1, first, 0)
	row(1, second, 0)
	row(2, 1, 0) // object 3 is the first of object stream 1
	fmt.Fprintf(&out, "2 0 obj\n<< /Type /XRef /Size 4 /W [1 4 1] /Root 3 0 R /Length %d >>\nstream\n", len(table))
	out.Write(table)
	fmt.Fprintf(&out, "\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n", second)
	return out.Bytes()
}

// bombTable has a cross-reference stream that unpacks to gigabytes.
func bombTable(t *testing.T) []byte {
	t.Helper()
	packed := deflated(t, "", 64)
	var out bytes.Buffer
	out.WriteString("%PDF-1.5\n")
	at := out.Len()
	fmt.Fprintf(&out, "1 0 obj\n<< /Type /XRef /Size 2 /W [1 4 1] /Root 2 0 R /Filter /FlateDecode /Length %d >>\nstream\n", len(packed))
	out.Write(packed)
	fmt.Fprintf(&out, "\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n", at)
	return out.Bytes()
}

// A stream that unpacks to gigabytes must cost the child, not the worker.
func TestAHostilePDFIsAVerdict(t *testing.T) {
	for name, content := range map[string][]byte{
		"object stream of 4 GiB":       bombPDF(t),
		"cross references of 4 GiB":    bombTable(t),
		"many references":              []byte("%PDF-1.4\n" + strings.Repeat("1 0 obj\n<</A 1 0 R>>\nendobj\n", 20_000) + "trailer <</Root 1 0 R>>\nstartxref\n9\n%%EOF"),
		"nested arrays":                []byte("%PDF-1.4\n1 0 obj\n" + strings.Repeat("[", 500_000) + "\nendobj\ntrailer <</Root 1 0 R>>\nstartxref\n9\n%%EOF"),
		"nested dicts":                 []byte("%PDF-1.4\n1 0 obj\n" + strings.Repeat("<</A", 300_000) + "\nendobj\nxref\n0 1\n0000000009 00000 n \ntrailer <</Root 1 0 R /Size 2>>\nstartxref\n9\n%%EOF"),
		"cross references in a circle": []byte("%PDF-1.4\nxref\n0 1\n0000000000 65535 f \ntrailer <</Root 1 0 R /Size 1 /Prev 9>>\nstartxref\n9\n%%EOF"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			out, err := inspect(t, "a.pdf", content, false)
			require.NoError(t, err)
			require.False(t, out.Valid)
			require.NotEmpty(t, out.Problems)
			t.Log(time.Since(began).Round(time.Millisecond), out.Problems[0])
			require.Less(t, time.Since(began), 60*time.Second)
		})
	}
}

// encrypted locks a PDF with the standard handler of ISO 32000-1, 7.6.3: revision 2, RC4 with 40 bits.
// The dictionary is an object of its own, or stands in the trailer, which is legal too.
func encrypted(user, owner string, inTrailer bool) []byte {
	padding := []byte("\x28\xBF\x4E\x5E\x4E\x75\x8A\x41\x64\x00\x4E\x56\xFF\xFA\x01\x08\x2E\x2E\x00\xB6\xD0\x68\x3E\x80\x2F\x0C\xA9\xFE\x64\x53\x69\x7A")
	pad := func(password string) []byte { return append([]byte(password), padding...)[:32] }
	rc := func(key, content []byte) []byte {
		cipher, _ := rc4.NewCipher(key)
		out := make([]byte, len(content))
		cipher.XORKeyStream(out, content)
		return out
	}
	ownerKey := md5.Sum(pad(owner))
	o := rc(ownerKey[:5], pad(user))
	const id = "0123456789abcdef"
	permissions := int32(-44)
	key := md5.Sum(append(append(append(pad(user), o...), binary.LittleEndian.AppendUint32(nil, uint32(permissions))...), id...))
	u := rc(key[:5], padding)
	handler := fmt.Sprintf("<< /Filter /Standard /V 1 /R 2 /O <%x> /U <%x> /P %d >>", o, u, permissions)
	if inTrailer {
		return written(1, nil, fmt.Sprintf("/ID [<%x> <%x>] /Encrypt %s", id, id, handler))
	}
	return written(1, []string{handler}, fmt.Sprintf("/ID [<%x> <%x>] /Encrypt 4 0 R", id, id))
}

func TestEncryptionIsSeen(t *testing.T) {
	out, err := inspect(t, "a.pdf", encrypted("secret", "owner", false), false)
	require.NoError(t, err)
	require.True(t, out.Encrypted, out.Problems)
	require.False(t, out.Valid)
	require.Equal(t, []string{"pdf.encrypted"}, codes(out))

	out, err = inspect(t, "a.pdf", encrypted("", "owner", false), true)
	require.NoError(t, err, "an owner's password restricts printing, not reading")
	require.True(t, out.Valid, out.Problems)
	require.True(t, out.Encrypted)
	require.Equal(t, 1, out.Pages)
	require.Equal(t, []string{"pdf.restricted"}, codes(out))

	out, err = inspect(t, "a.pdf", encrypted("secret", "owner", true), false)
	require.NoError(t, err)
	require.True(t, out.Encrypted)
	require.Equal(t, []string{"pdf.encrypted"}, codes(out))
}

func TestOnlyXMLIsReadAsXML(t *testing.T) {
	for name, c := range map[string]struct{ file, content, media string }{
		"HTML":             {"page.html", "<!DOCTYPE html><html><br><p>hello</html>", "text/html"},
		"a note":           {"note.txt", "<hello> is no element here", "text/plain"},
		"UTF-16 with mark": {"a.xml", "\xFF\xFE" + utf16("<?xml version=\"1.0\" encoding=\"utf-16\"?><a/>"), "text/xml"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := inspect(t, c.file, []byte(c.content), false)
			require.NoError(t, err)
			require.True(t, out.Valid, out.Problems)
			require.Equal(t, c.media, out.MediaType)
		})
	}
}

func utf16(text string) string {
	var out strings.Builder
	for _, r := range text {
		out.WriteByte(byte(r))
		out.WriteByte(byte(r >> 8))
	}
	return out.String()
}

func TestAFileThatIsTooLargeIsAVerdict(t *testing.T) {
	out, err := inspect(t, "a.pdf", append([]byte("%PDF-1.4\n"), make([]byte, documentinspect.MaxSize)...), false)
	require.NoError(t, err)
	require.False(t, out.Valid)
	require.Equal(t, []string{"file.too_large"}, codes(out))
	require.Equal(t, "application/pdf", out.MediaType)
	require.Equal(t, int64(documentinspect.MaxSize+9), out.Size)
}

func TestAFileThatArrivesDamagedIsTriedAgain(t *testing.T) {
	host := &sdktest.Host{}
	file := host.AddFile("a.pdf", "application/pdf", pdf(1))
	other := host.AddFile("a.pdf", "application/pdf", pdf(2))
	host.Swap(file, other)
	_, err := sdktest.Call[documentinspect.Output](t, documentinspect.Node, host, documentinspect.Input{File: file})
	var own *sdk.Error
	require.True(t, errors.As(err, &own), "%v", err)
	require.Equal(t, "FILE_DAMAGED", own.Code)
}

func TestManyInspectionsAtOnceShareTheChildren(t *testing.T) {
	var group sync.WaitGroup
	for i := range 12 {
		group.Go(func() {
			out, err := inspect(t, "a.pdf", pdf(1+i%3), true)
			if err != nil || out.Pages != 1+i%3 {
				t.Errorf("got %d pages, %v", out.Pages, err)
			}
		})
	}
	group.Wait()
}
