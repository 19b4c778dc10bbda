package flow

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"time"
)

// TaskID names the activation run of a node in a scope: a UUID of version 8 (RFC 9562 §5.8) made from its arguments alone, so
// that the same activation has the same id however often it is computed.
func TaskID(process, scope, node string, run int) string {
	var buf [192]byte
	b := append(buf[:0], process...)
	b = append(b, 0)
	b = append(b, scope...)
	b = append(b, 0)
	b = append(b, node...)
	b = append(b, 0)
	b = strconv.AppendInt(b, int64(run), 10)
	sum := sha256.Sum256(b)
	return uuidText(sum[:16], 0x80)
}

// ChildID names the child process that a call's task begins at an epoch: a UUID of version 7 (RFC 9562 §5.7) whose time is the
// call's and whose random bits are made from the task and the epoch.
func ChildID(at time.Time, task string, epoch int64) string {
	var buf [64]byte
	sum := sha256.Sum256(strconv.AppendInt(append(append(buf[:0], task...), 0), epoch, 10))
	binary.BigEndian.PutUint64(sum[:8], uint64(at.UnixMilli())<<16|uint64(binary.BigEndian.Uint16(sum[6:8])))
	return uuidText(sum[:16], 0x70)
}

// uuidText sets version and variant and returns the usual form.
func uuidText(b []byte, version byte) string {
	b[6] = b[6]&0x0f | version
	b[8] = b[8]&0x3f | 0x80

	var text [36]byte
	hex.Encode(text[0:8], b[0:4])
	text[8] = '-'
	hex.Encode(text[9:13], b[4:6])
	text[13] = '-'
	hex.Encode(text[14:18], b[6:8])
	text[18] = '-'
	hex.Encode(text[19:23], b[8:10])
	text[23] = '-'
	hex.Encode(text[24:36], b[10:16])
	return string(text[:])
}
