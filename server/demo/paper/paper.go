// Package paper makes the papers of a land registry's demonstration from a seed: applications as XML with their schema, documents as
// PDF, certificates, revocation lists and detached signatures. The same seed makes the same bytes on every machine; keys are drawn
// from it too, so a trust store with its roots is for demonstrations only.
//
// It imports packages that make documents and signatures, and no other package of the product.
package paper

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	_ "embed"
	"encoding/binary"
	"encoding/xml"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/taskurotta/taskurotta-go/workers/pdf"
	"github.com/taskurotta/taskurotta-go/workers/signature/sign"
)

//go:embed application.xsd
var schema []byte

// Schema is the XML Schema of applications.
func Schema() []byte { return bytes.Clone(schema) }

// File is one paper.
type File struct {
	Name      string
	MediaType string
	Content   []byte
}

// Signature tells whether it is the signature of another.
func (f File) Signature() bool { return strings.HasSuffix(f.Name, ".p7s") }

// Kind is what an application is for.
type Kind string

// The kinds.
const (
	Sale     Kind = "sale"
	Lease    Kind = "lease"
	Mortgage Kind = "mortgage"
)

// Kinds lists them.
var Kinds = []Kind{Sale, Lease, Mortgage}

// required are the documents of an application of a kind, besides the application itself.
var required = map[Kind][]string{Sale: {"contract.pdf", "passport.pdf"}, Lease: {"lease.pdf", "plan.pdf"}, Mortgage: {"mortgage.pdf", "contract.pdf"}}

// Flaw is what is wrong with a package of papers.
type Flaw string

// The flaws.
const (
	None          Flaw = ""
	Missing       Flaw = "missing"        // a required document
	BrokenPDF     Flaw = "broken_pdf"     // one is cut off
	WrongXML      Flaw = "wrong_xml"      // the application does not fit its schema
	AlteredFile   Flaw = "altered"        // a document was changed after it was signed
	ExpiredSigner Flaw = "expired_signer" // the certificate had ended
	RevokedSigner Flaw = "revoked_signer"
	Untrusted     Flaw = "untrusted" // the certificate leads to a root that nobody trusts
	Unsigned      Flaw = "unsigned"  // a signature is missing
)

// Flaws lists them.
var Flaws = []Flaw{Missing, BrokenPDF, WrongXML, AlteredFile, ExpiredSigner, RevokedSigner, Untrusted, Unsigned}

// Application is an application with its papers: each document, and beside it its signature, named after it.
type Application struct {
	Number          string
	Applicant       string
	Email           string
	Kind            Kind
	CadastralNumber string
	Flaw            Flaw
	Files           []File
}

// Maker makes papers.
type Maker struct {
	seed uint64
	pki  func() (*pki, error)
}

// New returns a maker for a seed.
func New(seed uint64) *Maker {
	m := &Maker{seed: seed}
	m.pki = sync.OnceValues(m.makePKI)
	return m
}

// Epoch is the day that papers are made around: no clock is read here.
var Epoch = time.Date(2026, 1, 12, 9, 0, 0, 0, time.UTC)

// draw is a source of chance for one subject.
func (m *Maker) draw(subject string) *rand.Rand {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s", m.seed, subject))
	return rand.New(rand.NewPCG(binary.BigEndian.Uint64(sum[:]), binary.BigEndian.Uint64(sum[8:]))) //nolint:gosec // test data that must come again
}

var (
	surnames = []string{"Иванов", "Петров", "Сидоров", "Кузнецов", "Смирнов", "Попов", "Васильев", "Соколов", "Михайлов", "Новиков", "Фёдоров", "Морозов", "Волков", "Лебедев", "Орлов", "Зайцев"}
	names    = []string{"Алексей", "Борис", "Виктор", "Григорий", "Дмитрий", "Евгений", "Иван", "Константин", "Лев", "Михаил", "Николай", "Олег", "Пётр", "Сергей", "Тимофей", "Юрий"}
	streets  = []string{"Набережная", "Садовая", "Лесная", "Полевая", "Школьная", "Речная", "Луговая", "Заречная", "Парковая", "Озёрная"}
	towns    = []string{"Москва", "Тверь", "Калуга", "Рязань", "Тула", "Ярославль", "Владимир", "Кострома"}
)

// Person is a name for a subject, the same each time.
func Person(subject string) string {
	r := New(0).draw("person " + subject)
	return surnames[r.IntN(len(surnames))] + " " + names[r.IntN(len(names))]
}

// Address is an address for a subject, the same each time.
func Address(subject string) string {
	r := New(0).draw("address " + subject)
	return fmt.Sprintf("г. %s, ул. %s, д. %d", towns[r.IntN(len(towns))], streets[r.IntN(len(streets))], 1+r.IntN(140))
}

// Application makes the n-th application of the seed.
func (m *Maker) Application(n int, flaw Flaw) (Application, error) {
	r := m.draw(fmt.Sprintf("application %d", n))
	a := Application{
		Number: fmt.Sprintf("2026-%d", 1000+n), Email: fmt.Sprintf("applicant-%d@example.org", n), Kind: Kinds[r.IntN(len(Kinds))], Flaw: flaw,
		CadastralNumber: fmt.Sprintf("%02d:%02d:%07d:%d", 50+r.IntN(40), 1+r.IntN(20), r.IntN(2_000_000), 1+r.IntN(9_000)),
	}
	a.Applicant = Person(fmt.Sprintf("%d of %d", n, m.seed))
	documents := required[a.Kind]
	if flaw == Missing {
		documents = documents[:1]
	}
	application, err := a.xml(documents, flaw == WrongXML)
	if err != nil {
		return a, err
	}
	papers := []File{{"application.xml", "text/xml", application}}
	for _, name := range documents {
		content, err := a.document(name, r)
		if err != nil {
			return a, err
		}
		papers = append(papers, File{name, "application/pdf", content})
	}
	if flaw == BrokenPDF {
		last := &papers[len(papers)-1]
		last.Content = last.Content[:len(last.Content)/3]
	}
	if a.Files, err = m.signed(papers, a.Applicant, flaw); err != nil {
		return a, err
	}
	return a, nil
}

func (a *Application) xml(documents []string, wrong bool) ([]byte, error) {
	type attachment struct {
		Name string `xml:"name,attr"`
	}
	type applicant struct {
		Name  string `xml:"name"`
		Email string `xml:"email"`
	}
	written := struct {
		XMLName     xml.Name     `xml:"urn:taskurotta:application:1 application"`
		Number      string       `xml:"number,attr"`
		Kind        Kind         `xml:"kind,attr"`
		Applicant   applicant    `xml:"applicant"`
		Cadastral   string       `xml:"cadastral_number,omitempty"`
		Submitted   string       `xml:"submitted"`
		Attachments []attachment `xml:"attachment"`
	}{Number: a.Number, Kind: a.Kind, Applicant: applicant{a.Applicant, a.Email}, Cadastral: a.CadastralNumber, Submitted: Epoch.Format(time.DateOnly)}
	if wrong {
		written.Cadastral = ""
	}
	for _, name := range documents {
		written.Attachments = append(written.Attachments, attachment{name})
	}
	raw, err := xml.MarshalIndent(written, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the application %s: %w", a.Number, err)
	}
	return append([]byte(xml.Header), append(raw, '\n')...), nil
}

var titles = map[string]string{
	"contract.pdf": "Договор купли-продажи", "passport.pdf": "Копия паспорта", "lease.pdf": "Договор аренды", "plan.pdf": "План участка", "mortgage.pdf": "Договор ипотеки",
}

func (a *Application) document(name string, r *rand.Rand) ([]byte, error) {
	d := &pdf.Document{Title: titles[name], Language: "ru", Made: Epoch, Footer: "Заявление " + a.Number}
	d.Heading(titles[name])
	d.Row("Заявление", a.Number)
	d.Row("Заявитель", a.Applicant)
	d.Row("Кадастровый номер", a.CadastralNumber)
	d.Row("Адрес", Address(a.CadastralNumber))
	for i := range 1 + r.IntN(12) {
		d.Subheading(fmt.Sprintf("Статья %d", i+1))
		d.Paragraph(strings.Repeat("Стороны согласовали условия настоящего документа и подтверждают их подписью. ", 2+r.IntN(5)))
	}
	var out bytes.Buffer
	if err := d.Write(&out); err != nil {
		return nil, fmt.Errorf("write %s of %s: %w", name, a.Number, err)
	}
	return out.Bytes(), nil
}

// Signed makes the n-th package of signed documents; of three packages one has a flaw in its signatures.
func (m *Maker) Signed(n int) (Application, error) {
	flaw := None
	if n%3 == 0 {
		flaw = []Flaw{AlteredFile, ExpiredSigner, RevokedSigner, Untrusted, Unsigned}[n/3%5]
	}
	return m.Application(n, flaw)
}

// signed puts a detached signature beside each paper. A flaw is that of the last one.
func (m *Maker) signed(papers []File, signer string, flaw Flaw) ([]File, error) {
	p, err := m.pki()
	if err != nil {
		return nil, err
	}
	var all []File
	for i, file := range papers {
		identity, along := p.signer, []*x509.Certificate(nil)
		if i == len(papers)-1 {
			switch flaw {
			case ExpiredSigner:
				identity = p.expired
			case RevokedSigner:
				identity = p.revoked
			case Untrusted:
				identity, along = p.stranger, []*x509.Certificate{p.other.Certificate}
			case Unsigned:
				all = append(all, file)
				continue
			case AlteredFile, None, Missing, BrokenPDF, WrongXML:
			}
		}
		signature, err := sign.CMS{Content: file.Content, At: Epoch, Named: true, Certificates: along}.Sign(identity)
		if err != nil {
			return nil, fmt.Errorf("sign %s for %s: %w", file.Name, signer, err)
		}
		if flaw == AlteredFile && i == len(papers)-1 {
			file.Content = append(bytes.Clone(file.Content), '\n')
		}
		all = append(all, file, File{file.Name + ".p7s", "application/pkcs7-signature", signature})
	}
	return all, nil
}
