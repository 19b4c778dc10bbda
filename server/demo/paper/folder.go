package paper

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// WriteTrust writes the trust store into a folder. Each file is put in place by renaming it, as a worker that reads it wants.
func (m *Maker) WriteTrust(folder string) error {
	files, err := m.Trust()
	if err != nil {
		return err
	}
	return write(folder, files)
}

// listed says in manifest.json what is in a folder.
type listed struct {
	Number          string `json:"number"`
	Kind            Kind   `json:"kind"`
	Applicant       string `json:"applicant"`
	Email           string `json:"email"`
	CadastralNumber string `json:"cadastral_number"`
	Flaw            Flaw   `json:"flaw,omitempty"`
}

// WriteAll writes a folder with count applications, one of two with a flaw, each in a folder of its number; the trust store, the
// certificates, the schema and manifest.json, which lists the applications with their flaws.
func (m *Maker) WriteAll(folder string, count int) error {
	trust, err := m.Trust()
	if err != nil {
		return err
	}
	certificates, err := m.Certificates()
	if err != nil {
		return err
	}
	if err := write(filepath.Join(folder, "trust", "demo"), trust); err != nil {
		return err
	}
	if err := write(filepath.Join(folder, "certificates"), certificates); err != nil {
		return err
	}
	manifest := []listed{}
	for n := 1; n <= count; n++ {
		flaw := None
		if n%2 == 0 {
			flaw = Flaws[(n/2-1)%len(Flaws)]
		}
		a, err := m.Application(n, flaw)
		if err != nil {
			return err
		}
		if err := write(filepath.Join(folder, a.Number), a.Files); err != nil {
			return err
		}
		manifest = append(manifest, listed{a.Number, a.Kind, a.Applicant, a.Email, a.CadastralNumber, a.Flaw})
	}
	raw, err := json.MarshalIndent(manifest, "", "  ")
	if err != nil {
		return err
	}
	return write(folder, []File{{"application.xsd", "", Schema()}, {"manifest.json", "", append(raw, '\n')}})
}

func write(folder string, files []File) error {
	for _, file := range files {
		path := filepath.Join(folder, filepath.FromSlash(file.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("make the folder of %s: %w", file.Name, err)
		}
		if err := os.WriteFile(path+".new", file.Content, 0o644); err != nil { //nolint:gosec // nothing in it is secret
			return err
		}
		if err := os.Rename(path+".new", path); err != nil {
			return err
		}
	}
	return nil
}
