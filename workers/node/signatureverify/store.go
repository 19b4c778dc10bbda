package signatureverify

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"github.com/taskurotta/taskurotta-go/workers/sdk"
	"github.com/taskurotta/taskurotta-go/workers/signature"
)

// Stores reads trust stores from a folder:
//
//	default/roots/*          certificates that paths must end at
//	default/intermediates/*  certificates that may stand on paths
//	default/authorities/*    roots of time-stamping authorities; none: those of roots
//	default/crls/*           revocation lists
//
// A store is read again when a file of it has changed, so that new revocation lists count at once. Put a new file in place
// by renaming it.
type Stores struct {
	Folder string

	mu   sync.Mutex
	read map[string]store
}

type store struct {
	trust       signature.Trust
	fingerprint string // names, sizes and times of the files
}

var validStore = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)

// Load returns the store with a name; empty means "default".
func (s *Stores) Load(name string) (signature.Trust, error) {
	if name == "" {
		name = "default"
	}
	unknown := sdk.Permanent(sdk.Failure(CodeNoTrust, fmt.Errorf("this worker has no trust store %q; TASKUROTTA_TRUST names the folder with them", name)))
	if s.Folder == "" || !validStore.MatchString(name) {
		return signature.Trust{}, unknown
	}
	folder := filepath.Join(s.Folder, name)
	if info, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
		return signature.Trust{}, unknown
	}
	files, fingerprint, err := list(folder)
	if err != nil {
		return signature.Trust{}, unreadable(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, found := s.read[name]; found && known.fingerprint == fingerprint {
		return known.trust, nil
	}
	trust, err := load(files)
	if err != nil {
		return signature.Trust{}, unreadable(err)
	}
	if s.read == nil {
		s.read = map[string]store{}
	}
	s.read[name] = store{trust, fingerprint}
	return trust, nil
}

// unreadable is retried: an operator may be changing the folder right now.
func unreadable(err error) error { return sdk.Failure(CodeTrust, err) }

var kinds = []string{"roots", "intermediates", "authorities", "crls"}

func list(folder string) (files map[string][]string, fingerprint string, err error) {
	files = map[string][]string{}
	var marks strings.Builder
	for _, kind := range kinds {
		entries, err := os.ReadDir(filepath.Join(folder, kind))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, "", err
		}
		for _, entry := range entries {
			if strings.HasPrefix(entry.Name(), ".") || entry.IsDir() {
				continue
			}
			path := filepath.Join(folder, kind, entry.Name())
			info, err := os.Stat(path) // follows links, as mounted configuration is made of them
			if err != nil {
				return nil, "", err
			}
			files[kind] = append(files[kind], path)
			fmt.Fprintf(&marks, "%s %d %d\n", path, info.Size(), info.ModTime().UnixNano())
		}
	}
	return files, marks.String(), nil
}

func load(files map[string][]string) (trust signature.Trust, err error) {
	for _, kind := range kinds {
		for _, path := range files[kind] {
			raw, err := os.ReadFile(path) //nolint:gosec // a file of the operator's folder
			if err != nil {
				return trust, err
			}
			if kind == "crls" {
				lists, err := signature.Lists(raw)
				if err != nil {
					return trust, fmt.Errorf("%s: %w", path, err)
				}
				trust.Lists = append(trust.Lists, lists...)
				continue
			}
			certificates, err := signature.Certificates(raw)
			if err != nil {
				return trust, fmt.Errorf("%s: %w", path, err)
			}
			switch kind {
			case "roots":
				trust.Roots = append(trust.Roots, certificates...)
			case "intermediates":
				trust.Intermediates = append(trust.Intermediates, certificates...)
			default:
				trust.Authorities = append(trust.Authorities, certificates...)
			}
		}
	}
	return trust, nil
}
