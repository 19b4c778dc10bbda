package documentinspect

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
)

// readPDF opens a PDF as a reader would: cross references, page tree, encryption.
func readPDF(file io.ReadSeeker, found *verdict) {
	defer func() {
		if value := recover(); value != nil {
			found.problem("pdf.unreadable", fmt.Errorf("the PDF can't be read: %v", value))
		}
	}()
	api.DisableConfigDir()
	config := model.NewDefaultConfiguration()
	config.ValidationMode = model.ValidationRelaxed
	opened, err := api.ReadAndValidate(file, config)
	if err != nil {
		if strings.Contains(err.Error(), "password") {
			found.Encrypted = true
			found.problem("pdf.encrypted", errors.New("the PDF opens with a password only"))
			return
		}
		found.problem("pdf.unreadable", fmt.Errorf("the PDF can't be read: %w", err))
		return
	}
	found.Pages = opened.PageCount
	found.Encrypted = opened.Encrypt != nil
	if found.Encrypted {
		found.Problems = append(found.Problems, Problem{Code: "pdf.restricted", Message: "the PDF is encrypted with an owner's password", Severity: "warning"})
	}
	if !found.Encrypted && encryptedInTrailer(file) {
		found.Encrypted = true
		found.problem("pdf.encrypted", errors.New("the PDF is encrypted in a form that can't be opened here"))
		return
	}
	if found.Pages == 0 {
		found.problem("pdf.no_pages", errors.New("the PDF has no pages"))
	}
}

// encryptedInTrailer reports whether an encryption dictionary stands in the trailer itself (ISO 32000-1, 7.5.5, table 15),
// which the library overlooks: it looks for a reference only.
func encryptedInTrailer(file io.ReadSeeker) bool {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return false
	}
	content, err := io.ReadAll(file)
	if err != nil {
		return false
	}
	name := []byte("/Encrypt")
	for {
		at := bytes.Index(content, name)
		if at < 0 {
			return false
		}
		content = content[at+len(name):]
		if bytes.HasPrefix(bytes.TrimLeft(content[:min(len(content), 64)], "\x00\t\n\f\r "), []byte("<<")) {
			return true
		}
	}
}
