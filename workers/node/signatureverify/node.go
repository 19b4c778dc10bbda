// Package signatureverify holds the nodes signature.verify.cms, signature.verify.xml and certificate.inspect, which judge
// signatures against trust stores of the worker.
//
// It imports the sdk and package signature, and no other package of the product.
package signatureverify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/taskurotta/taskurotta-go/workers/sdk"
	"github.com/taskurotta/taskurotta-go/workers/signature"
)

// Config of the nodes. Zero values mean the defaults.
type Config struct {
	// Trust is a folder with one folder for each trust store, see Stores.
	Trust  string
	Suites []signature.Suite // algorithms besides those of the standard library
	Now    func() time.Time  // default time.Now
}

// Codes of the nodes' errors.
const (
	CodeInvalid  = "SIGNATURE_INVALID"   // business: strict, and a signature is not valid
	CodeBadCert  = "CERTIFICATE_INVALID" // business: strict, and the certificate is not valid
	CodeNoTrust  = "TRUST_STORE_UNKNOWN" // permanent: the worker has no such store
	CodeTrust    = "TRUST_STORE_UNREADABLE"
	CodeDamaged  = "FILE_DAMAGED"
	CodeTooLarge = "FILE_TOO_LARGE" // permanent: a certificate or revocation list beyond its limit
)

// Nodes returns the three nodes over the same trust stores.
func Nodes(config Config) []sdk.Node {
	n := &nodes{config: config, stores: &Stores{Folder: config.Trust}, memory: semaphore.NewWeighted(memoryAtOnce)}
	category := sdk.Category("Signatures", "Подписи")
	return []sdk.Node{
		sdk.Define("signature.verify.cms", 1, n.cms,
			sdk.Title("Verify a signature (CMS)", "Проверить подпись (CMS)"),
			sdk.Doc("Judges a detached or enclosing signature (CMS, CAdES-BES; `.p7s`, `.sig`): content, signer, time stamp, path to a trusted root, key usage, revocation. The answer names each check. Strict: an invalid signature ends with `SIGNATURE_INVALID`.",
				"Проверяет открепленную или присоединённую подпись (CMS, CAdES-BES; `.p7s`, `.sig`): содержимое, подписавшего, метку времени, путь до доверенного корня, назначение ключа, отзыв. Ответ называет каждую проверку. Строго: неверная подпись завершает шаг кодом `SIGNATURE_INVALID`."),
			category, sdk.Icon("writing-sign"), sdk.Answers(CodeInvalid, "The signature is not valid", "Подпись неверна"),
		),
		sdk.Define("signature.verify.xml", 1, n.xml,
			sdk.Title("Verify a signature (XML)", "Проверить подпись (XML)"),
			sdk.Doc("Judges the signatures inside an XML document (XML-DSig, XAdES-BES). Strict: an invalid signature ends with `SIGNATURE_INVALID`.",
				"Проверяет подписи внутри документа XML (XML-DSig, XAdES-BES). Строго: неверная подпись завершает шаг кодом `SIGNATURE_INVALID`."),
			category, sdk.Icon("file-code"), sdk.Answers(CodeInvalid, "The signature is not valid", "Подпись неверна"),
		),
		sdk.Define("certificate.inspect", 1, n.certificate,
			sdk.Title("Inspect a certificate", "Проверить сертификат"),
			sdk.Doc("Reads a certificate (PEM, DER, `.p7b`) and checks its validity, path to a trusted root and revocation. Strict: an invalid certificate ends with `CERTIFICATE_INVALID`.",
				"Читает сертификат (PEM, DER, `.p7b`) и проверяет срок, путь до доверенного корня и отзыв. Строго: негодный сертификат завершает шаг кодом `CERTIFICATE_INVALID`."),
			category, sdk.Icon("certificate"), sdk.Answers(CodeBadCert, "The certificate is not valid", "Сертификат недействителен"),
		),
	}
}

// Rules are what all three nodes ask.
type Rules struct {
	Trust        string     `json:"trust,omitempty" title:"Trust store" title_ru:"Хранилище доверия" doc:"Name of a trust store of the worker; default: default." doc_ru:"Имя хранилища доверия обработчика; по умолчанию default." jsonschema:"pattern=^[a-z0-9][a-z0-9_-]*$,maxLength=63"`
	At           *time.Time `json:"at,omitempty" title:"At the time" title_ru:"На момент" doc:"Check certificates at this time. Default: at the time stamp, else now." doc_ru:"Проверить сертификаты на этот момент. По умолчанию: на момент метки времени, иначе сейчас."`
	Revocation   string     `json:"revocation,omitempty" title:"Revocation" title_ru:"Отзыв" doc:"chain (default): no certificate below the root may be revoked; signer: the signer's only; off." doc_ru:"chain (по умолчанию): ни один сертификат ниже корня не отозван; signer: только сертификат подписавшего; off: не проверять." jsonschema:"enum=chain,enum=signer,enum=off,default=chain"`
	Certificates []sdk.File `json:"certificates,omitempty" title:"More certificates" title_ru:"Ещё сертификаты" doc:"May stand on the path; they are not trusted for themselves." doc_ru:"Могут стоять на пути до корня; сами по себе доверия не дают." jsonschema:"maxItems=50"`
	Lists        []sdk.File `json:"crls,omitempty" title:"Revocation lists" title_ru:"Списки отзыва" doc:"Besides those of the trust store." doc_ru:"Помимо списков хранилища доверия." jsonschema:"maxItems=50"`
	Strict       bool       `json:"strict,omitempty" title:"Strict" title_ru:"Строго" doc:"End with an error when it is not valid." doc_ru:"Завершить ошибкой, если проверка не пройдена."`
}

// SignatureRules are what both signature nodes ask.
type SignatureRules struct {
	ExtendedUses     []string `json:"extended_key_usage,omitempty" title:"Extended key usage" title_ru:"Расширенное назначение ключа" doc:"The signer's certificate must allow one of them: a name (email_protection, document_signing …) or an identifier (1.2.643…). Empty: any." doc_ru:"Сертификат подписавшего должен допускать одно из них: имя (email_protection, document_signing …) или идентификатор (1.2.643…). Пусто: любое." jsonschema:"maxItems=20"`
	TrustSigningTime bool     `json:"trust_signing_time,omitempty" title:"Trust the claimed time" title_ru:"Доверять заявленному времени" doc:"Without a time stamp, check certificates at the time that the signer claims." doc_ru:"Без метки времени проверить сертификаты на момент, который заявил подписавший."`
}

// CMSInput is what signature.verify.cms needs.
type CMSInput struct {
	Signature sdk.File  `json:"signature" title:"Signature" title_ru:"Подпись" doc:"The signature file: DER, PEM or base64." doc_ru:"Файл подписи: DER, PEM или base64."`
	Content   *sdk.File `json:"content,omitempty" title:"Signed file" title_ru:"Подписанный файл" doc:"Leave empty when the signature holds the content." doc_ru:"Оставьте пустым, если подпись присоединённая."`
	Timestamp *sdk.File `json:"timestamp,omitempty" title:"Time stamp" title_ru:"Метка времени" doc:"An RFC 3161 time stamp beside the signature; one inside is found by itself." doc_ru:"Метка времени RFC 3161 рядом с подписью; вложенная находится сама."`
	SignatureRules
	Rules
}

// XMLInput is what signature.verify.xml needs.
type XMLInput struct {
	File    sdk.File `json:"file" title:"Document" title_ru:"Документ"`
	Partial bool     `json:"partial,omitempty" title:"A part is enough" title_ru:"Достаточно части" doc:"Accept a signature that covers a part of the document only." doc_ru:"Принять подпись, которая охватывает только часть документа."`
	SignatureRules
	Rules
}

// CertificateInput is what certificate.inspect needs.
type CertificateInput struct {
	File sdk.File `json:"file" title:"Certificate" title_ru:"Сертификат"`
	Rules
}

// CertificateOutput is what certificate.inspect answers.
type CertificateOutput struct {
	Valid       bool                    `json:"valid" title:"Valid" title_ru:"Действителен"`
	Code        string                  `json:"code,omitempty" title:"Code" title_ru:"Код"`
	Message     string                  `json:"message,omitempty" title:"Message" title_ru:"Сообщение"`
	Certificate *signature.Certificate  `json:"certificate,omitempty" title:"Certificate" title_ru:"Сертификат"`
	Chain       []signature.Certificate `json:"chain" title:"Path to the root" title_ru:"Путь до корня"`
	Checks      []signature.Check       `json:"checks" title:"Checks" title_ru:"Проверки"`
	CheckedAt   time.Time               `json:"checked_at" title:"Checked at" title_ru:"Проверено на момент"`
	RevokedAt   *time.Time              `json:"revoked_at,omitempty" title:"Revoked at" title_ru:"Отозван"`
}

// memoryAtOnce bounds the bytes of files that are judged in memory at the same time, whatever the worker's slots: a tree
// made of XML takes about ten times its file.
const memoryAtOnce = 48 << 20

type nodes struct {
	config Config
	stores *Stores
	memory *semaphore.Weighted
}

func (n *nodes) cms(ctx context.Context, in CMSInput) (signature.Verdict, error) {
	if in.Signature.Size > signature.MaxSignature {
		return n.answer(ctx, in.Strict, tooLarge("cms.too_large", signature.MaxSignature))
	}
	release, err := n.reserve(ctx, in.Signature.Size)
	if err != nil {
		return signature.Verdict{}, err
	}
	defer release()
	verifier, options, err := n.prepare(ctx, in.Rules, in.SignatureRules)
	if err != nil {
		return signature.Verdict{}, err
	}
	raw, err := read(ctx, in.Signature, signature.MaxSignature)
	if err != nil {
		return signature.Verdict{}, err
	}
	if in.Timestamp != nil {
		if options.Timestamp, err = read(ctx, *in.Timestamp, maxAside); err != nil {
			return signature.Verdict{}, err
		}
	}
	var content signature.Content
	if in.Content != nil {
		content = func() (io.ReadCloser, error) { return open(ctx, *in.Content) }
	}
	sdk.Progress(ctx, 50, "checking")
	verdict, err := verifier.CMS(raw, content, options)
	if err != nil {
		return signature.Verdict{}, err
	}
	return n.answer(ctx, in.Strict, verdict)
}

func (n *nodes) xml(ctx context.Context, in XMLInput) (signature.Verdict, error) {
	if in.File.Size > signature.MaxXML {
		return n.answer(ctx, in.Strict, tooLarge("xml.too_large", signature.MaxXML))
	}
	release, err := n.reserve(ctx, in.File.Size)
	if err != nil {
		return signature.Verdict{}, err
	}
	defer release()
	verifier, options, err := n.prepare(ctx, in.Rules, in.SignatureRules)
	if err != nil {
		return signature.Verdict{}, err
	}
	raw, err := read(ctx, in.File, signature.MaxXML)
	if err != nil {
		return signature.Verdict{}, err
	}
	sdk.Progress(ctx, 50, "checking")
	return n.answer(ctx, in.Strict, verifier.XML(raw, signature.XMLOptions{Options: options, Partial: in.Partial}))
}

func (n *nodes) certificate(ctx context.Context, in CertificateInput) (CertificateOutput, error) {
	verifier, options, err := n.prepare(ctx, in.Rules, SignatureRules{})
	if err != nil {
		return CertificateOutput{}, err
	}
	raw, err := read(ctx, in.File, maxAside)
	if err != nil {
		return CertificateOutput{}, err
	}
	verdict := verifier.Inspect(raw, options)
	out := CertificateOutput{Valid: verdict.Valid, Code: verdict.Code, Message: verdict.Message, CheckedAt: time.Now().UTC()}
	for _, one := range verdict.Signatures {
		out.Certificate, out.Chain, out.Checks, out.CheckedAt, out.RevokedAt = one.Signer, one.Chain, one.Checks, one.CheckedAt, one.RevokedAt
		logChecks(ctx, one)
	}
	if in.Strict && !out.Valid {
		return CertificateOutput{}, sdk.Business(CodeBadCert, out.Code+": "+out.Message)
	}
	return out, nil
}

func tooLarge(code string, most int) signature.Verdict {
	message := fmt.Sprintf("the file is larger than %d MiB", most>>20)
	return signature.Verdict{
		Code: code, Message: message, Problems: []signature.Problem{{Code: code, Message: message}}, Signatures: []signature.Signature{},
	}
}

// reserve waits until a file of this size may be held in memory.
func (n *nodes) reserve(ctx context.Context, size int64) (release func(), err error) {
	weight := min(max(size, 1), memoryAtOnce)
	if err := n.memory.Acquire(ctx, weight); err != nil {
		return nil, context.Cause(ctx)
	}
	return func() { n.memory.Release(weight) }, nil
}

// prepare reads the trust store and what else the verdict rests on.
func (n *nodes) prepare(ctx context.Context, rules Rules, more SignatureRules) (*signature.Verifier, signature.Options, error) {
	options := signature.Options{Revocation: signature.Revocation(rules.Revocation), TrustSigningTime: more.TrustSigningTime}
	if rules.At != nil {
		options.At = *rules.At
	}
	trust, err := n.stores.Load(rules.Trust)
	if err != nil {
		return nil, options, err
	}
	for _, name := range more.ExtendedUses {
		oid, err := signature.ExtendedUse(name)
		if err != nil {
			return nil, options, sdk.Permanent(&sdk.Error{Code: sdk.CodeInputInvalid, Message: err.Error()})
		}
		options.ExtendedUses = append(options.ExtendedUses, oid)
	}
	for _, file := range rules.Certificates {
		raw, err := read(ctx, file, maxAside)
		if err != nil {
			return nil, options, err
		}
		certificates, err := signature.Certificates(raw)
		if err != nil {
			sdk.Log(ctx, "%s is left out: %s", file.Name, err)
			continue
		}
		options.Certificates = append(options.Certificates, certificates...)
	}
	for _, file := range rules.Lists {
		raw, err := read(ctx, file, maxAside)
		if err != nil {
			return nil, options, err
		}
		lists, err := signature.Lists(raw)
		if err != nil {
			sdk.Log(ctx, "%s is left out: %s", file.Name, err)
			continue
		}
		options.Lists = append(options.Lists, lists...)
	}
	return &signature.Verifier{Trust: trust, Suites: n.config.Suites, Now: n.config.Now}, options, nil
}

// largestAnswer leaves room below the 256 KiB of an output.
const largestAnswer = 200 << 10

func (n *nodes) answer(ctx context.Context, strict bool, verdict signature.Verdict) (signature.Verdict, error) {
	for _, problem := range verdict.Problems {
		sdk.Log(ctx, "%s: %s", problem.Code, problem.Message)
	}
	for _, one := range verdict.Signatures {
		logChecks(ctx, one)
	}
	if strict && !verdict.Valid {
		return signature.Verdict{}, sdk.Business(CodeInvalid, verdict.Code+": "+verdict.Message)
	}
	// Many signers with long paths: who signed and what was found is worth more than the paths.
	if encoded, err := json.Marshal(verdict); err == nil && len(encoded) > largestAnswer {
		for i := range verdict.Signatures {
			verdict.Signatures[i].Chain, verdict.Signatures[i].Remarks = []signature.Certificate{}, []signature.Problem{}
		}
	}
	return verdict, nil
}

func logChecks(ctx context.Context, one signature.Signature) {
	if one.Signer != nil {
		sdk.Log(ctx, "%s, %s, checked at %s (%s)", one.Signer.Subject, one.Algorithm, one.CheckedAt.Format(time.RFC3339), one.TimeSource)
	}
	for _, check := range one.Checks {
		sdk.Log(ctx, "  %s %s %s", check.Name, check.Result, strings.TrimSpace(check.Code+" "+check.Message))
	}
}

// maxAside bounds what stands beside a signature: certificates, time stamps, revocation lists.
const maxAside = 32 << 20

// read returns the content of a file.
func read(ctx context.Context, file sdk.File, most int64) ([]byte, error) {
	content, err := open(ctx, file)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	raw, err := io.ReadAll(io.LimitReader(content, most+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file.Name, err)
	}
	if int64(len(raw)) > most {
		return nil, sdk.Permanent(sdk.Failure(CodeTooLarge, fmt.Errorf("%s is larger than %d MiB", file.Name, most>>20)))
	}
	return raw, nil
}

// open returns a reader that ends with an error when what arrived is not what the file's name promises.
func open(ctx context.Context, file sdk.File) (io.ReadCloser, error) {
	content, err := sdk.Open(ctx, file)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", file.Name, err)
	}
	return &checked{ReadCloser: content, file: file, hash: sha256.New()}, nil
}

type checked struct {
	io.ReadCloser
	file sdk.File
	hash hash.Hash
}

func (c *checked) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	_, _ = c.hash.Write(p[:n])
	if errors.Is(err, io.EOF) && "sha256:"+hex.EncodeToString(c.hash.Sum(nil)) != c.file.Ref {
		return n, sdk.Failure(CodeDamaged, fmt.Errorf("%s arrived as other content than %s", c.file.Name, c.file.Ref))
	}
	return n, err
}
