package documentinspect

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

// look finds out what a file is and reads it as that. A text that begins like XML is read as XML only when its name says so:
// notes and HTML begin like that too.
func look(file io.ReadSeeker, extension string) (verdict, error) {
	media, types, err := typeOf(file)
	if err != nil {
		return verdict{}, err
	}
	found := verdict{MediaType: media, Types: types}
	switch {
	case slices.Contains(types, "application/pdf"):
		readPDF(file, &found)
	case slices.Contains(types, "text/xml") || slices.Contains(types, "application/xml") || isXML[extension] && looksLikeXML(file):
		if !slices.Contains(types, "text/xml") {
			found.MediaType = "text/xml"
			found.Types = append([]string{"text/xml"}, types...)
		}
		readXML(file, &found)
	}
	return found, nil
}

// isXML holds the extensions of files that are XML.
var isXML = map[string]bool{"xml": true, "xsd": true, "xsl": true, "xslt": true, "bpmn": true, "svg": true, "gml": true}

// typeOf returns the media type by content, without parameters, and the chain of types it is a kind of.
func typeOf(file io.ReadSeeker) (string, []string, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return "", nil, err
	}
	detected, err := mimetype.DetectReader(file)
	if err != nil {
		return "", nil, fmt.Errorf("read the first bytes: %w", err)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return "", nil, err
	}
	var types []string
	for at := detected; at != nil; at = at.Parent() {
		name, _, _ := strings.Cut(at.String(), ";")
		types = append(types, name)
	}
	return types[0], types, nil
}

// looksLikeXML reports whether text begins as XML does, declaration or not. Bytes of a UTF-16 mark and its zeros are skipped.
func looksLikeXML(file io.ReadSeeker) bool {
	defer func() { _, _ = file.Seek(0, io.SeekStart) }()
	reader := bufio.NewReader(io.LimitReader(file, 4<<10))
	for {
		r, _, err := reader.ReadRune()
		if err != nil {
			return false
		}
		switch r {
		case '\uFEFF', '\uFFFD', 0, ' ', '\t', '\r', '\n':
			continue
		case '<':
			next, _, err := reader.ReadRune()
			if err == nil && next == 0 { // UTF-16
				next, _, err = reader.ReadRune()
			}
			return err == nil && (next == '?' || next == '!' || next == '_' || next >= 'A' && next <= 'Z' || next >= 'a' && next <= 'z')
		default:
			return false
		}
	}
}

// byExtension says which types an extension may hold.
var byExtension = map[string][]string{
	"pdf": {"application/pdf"}, "xml": {"text/xml", "application/xml"}, "png": {"image/png"}, "jpg": {"image/jpeg"}, "jpeg": {"image/jpeg"},
	"tif": {"image/tiff"}, "tiff": {"image/tiff"}, "gif": {"image/gif"}, "zip": {"application/zip"}, "txt": {"text/plain"},
	"docx": {"application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
	"xlsx": {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
	"odt":  {"application/vnd.oasis.opendocument.text"}, "rtf": {"text/rtf"}, "json": {"application/json"},
	"doc": {"application/msword", "application/x-ole-storage"}, "xls": {"application/vnd.ms-excel", "application/x-ole-storage"},
}

// extensionOf returns the end of a name after its last dot: lower-case letters and digits, else nothing.
func extensionOf(name string) string {
	extension := strings.ToLower(strings.TrimPrefix(filepath.Ext(name), "."))
	if len(extension) > 10 || strings.ContainsFunc(extension, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }) {
		return ""
	}
	return extension
}

// mismatch reports whether an extension promises another type than the content has.
func mismatch(extension string, types []string) bool {
	allowed, known := byExtension[extension]
	return known && !accepted(allowed, types)
}

func accepted(allowed, types []string) bool {
	return slices.ContainsFunc(types, func(media string) bool { return slices.Contains(allowed, media) })
}

func (v *verdict) problem(code string, err error) {
	text := err.Error()
	if joined := errors.Unwrap(err); joined != nil && len(text) > 300 {
		text = joined.Error()
	}
	if len(text) > 300 {
		text = strings.ToValidUTF8(text[:300], "") + "…"
	}
	v.Problems = append(v.Problems, Problem{Code: code, Message: text, Severity: "error"})
}
