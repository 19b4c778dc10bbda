package documentinspect

import (
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
	if found.Pages == 0 {
		found.problem("pdf.no_pages", errors.New("the PDF has no pages"))
	}
}
