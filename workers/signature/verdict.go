package signature

import (
	"strings"
	"time"
	"unicode"
)

// Result of one check.
type Result string

// A check that was not reached is skipped: the one before it failed, or nothing asked for it.
const (
	Passed  Result = "passed"
	Failed  Result = "failed"
	Skipped Result = "skipped"
)

// The checks of a signature, in the order they are listed.
const (
	CheckDigest      = "digest"      // the content is the one that was signed
	CheckSignature   = "signature"   // the signer's key made the signature
	CheckTimestamp   = "timestamp"   // a time stamp proves when the signature existed
	CheckValidity    = "validity"    // the signer's certificate was valid at the time
	CheckUsage       = "usage"       // the signer's key may sign this
	CheckChain       = "chain"       // a path leads to a trusted root
	CheckRevocation  = "revocation"  // nothing on the path was revoked at the time
	checkCertificate = "certificate" // of certificate.inspect: it can be read
)

// Check is one thing that was looked at.
type Check struct {
	Name    string `json:"name" title:"Check" title_ru:"Проверка"`
	Result  Result `json:"result" title:"Result" title_ru:"Итог" jsonschema:"enum=passed,enum=failed,enum=skipped"`
	Code    string `json:"code,omitempty" title:"Code" title_ru:"Код"` // why it failed, e.g. chain.untrusted
	Message string `json:"message,omitempty" title:"Message" title_ru:"Сообщение"`
}

// Problem is why a file as a whole can't be judged, or a remark.
type Problem struct {
	Code    string `json:"code" title:"Code" title_ru:"Код"`
	Message string `json:"message" title:"Message" title_ru:"Сообщение"`
}

// Certificate is what people read of a certificate.
type Certificate struct {
	Subject      string    `json:"subject" title:"Subject" title_ru:"Владелец"`
	CommonName   string    `json:"common_name" title:"Common name" title_ru:"Имя"`
	Issuer       string    `json:"issuer" title:"Issuer" title_ru:"Издатель"`
	Serial       string    `json:"serial" title:"Serial number" title_ru:"Серийный номер"` // hexadecimal
	NotBefore    time.Time `json:"not_before" title:"Valid from" title_ru:"Действует с"`
	NotAfter     time.Time `json:"not_after" title:"Valid until" title_ru:"Действует до"`
	Key          string    `json:"key" title:"Key" title_ru:"Ключ"` // e.g. RSA 2048
	KeyUsage     []string  `json:"key_usage" title:"Key usage" title_ru:"Назначение ключа"`
	ExtendedUses []string  `json:"extended_uses" title:"Extended key usage" title_ru:"Расширенное назначение"`
	CA           bool      `json:"ca" title:"Issues certificates" title_ru:"Выдаёт сертификаты"`
	SHA256       string    `json:"sha256" title:"SHA-256" title_ru:"SHA-256"`
}

// Timestamp is a time stamp on a signature.
type Timestamp struct {
	Time      time.Time `json:"time" title:"Time" title_ru:"Время"`
	Authority string    `json:"authority" title:"Authority" title_ru:"Служба"` // subject of its certificate
	Serial    string    `json:"serial" title:"Serial number" title_ru:"Серийный номер"`
	Policy    string    `json:"policy" title:"Policy" title_ru:"Политика"` // object identifier
}

// TimeSource says what fixed the time that certificates were checked at.
type TimeSource string

// The strongest that there is counts: given, timestamp, signing_time (when the caller trusts it), now.
const (
	TimeGiven     TimeSource = "given"
	TimeTimestamp TimeSource = "timestamp"
	TimeClaimed   TimeSource = "signing_time"
	TimeNow       TimeSource = "now"
)

// Signature is the verdict on one signer.
type Signature struct {
	Valid      bool          `json:"valid" title:"Valid" title_ru:"Верна"`
	Code       string        `json:"code,omitempty" title:"Code" title_ru:"Код"`              // of the first check that failed
	Message    string        `json:"message,omitempty" title:"Message" title_ru:"Сообщение"`  // of the first check that failed
	Checks     []Check       `json:"checks" title:"Checks" title_ru:"Проверки"`               // all of them, in order
	Signer     *Certificate  `json:"signer,omitempty" title:"Signer" title_ru:"Подписавший"`  // absent when its certificate is missing
	Chain      []Certificate `json:"chain" title:"Path to the root" title_ru:"Путь до корня"` // from the signer's issuer to the root
	Algorithm  string        `json:"algorithm" title:"Algorithm" title_ru:"Алгоритм"`         // e.g. SHA256-RSA
	Covers     []string      `json:"covers" title:"What is signed" title_ru:"Что подписано"`  // content; of XML: document, or elements by id
	SigningAt  *time.Time    `json:"signing_time,omitempty" title:"Claimed time" title_ru:"Заявленное время"`
	Timestamp  *Timestamp    `json:"timestamp,omitempty" title:"Time stamp" title_ru:"Метка времени"`
	CheckedAt  time.Time     `json:"checked_at" title:"Checked at" title_ru:"Проверено на момент"`
	TimeSource TimeSource    `json:"time_source" title:"Source of the time" title_ru:"Откуда время" jsonschema:"enum=given,enum=timestamp,enum=signing_time,enum=now"`
	RevokedAt  *time.Time    `json:"revoked_at,omitempty" title:"Revoked at" title_ru:"Отозван"`
	Remarks    []Problem     `json:"remarks" title:"Remarks" title_ru:"Примечания"` // what does not make it invalid
}

// Verdict is what is known of a signature file. It is valid when it can be read, has a signature, and all of them are valid.
type Verdict struct {
	Valid      bool        `json:"valid" title:"Valid" title_ru:"Верна"`
	Code       string      `json:"code,omitempty" title:"Code" title_ru:"Код"`             // of the first thing that is wrong
	Message    string      `json:"message,omitempty" title:"Message" title_ru:"Сообщение"` // of the first thing that is wrong
	Signatures []Signature `json:"signatures" title:"Signatures" title_ru:"Подписи"`
	Problems   []Problem   `json:"problems" title:"Problems" title_ru:"Замечания"` // of the file as a whole
}

func (v *Verdict) problem(code, message string) {
	v.Problems = append(v.Problems, Problem{Code: code, Message: clean(message, longestMessage)})
}

// settle derives what follows from the parts.
func (v *Verdict) settle() Verdict {
	if v.Signatures == nil {
		v.Signatures = []Signature{}
	}
	if v.Problems == nil {
		v.Problems = []Problem{}
	}
	v.Valid = len(v.Problems) == 0 && len(v.Signatures) > 0
	if len(v.Problems) > 0 {
		v.Code, v.Message = v.Problems[0].Code, v.Problems[0].Message
	}
	for i := range v.Signatures {
		v.Signatures[i].settle()
		if !v.Signatures[i].Valid {
			v.Valid = false
			if v.Code == "" {
				v.Code, v.Message = v.Signatures[i].Code, v.Signatures[i].Message
			}
		}
	}
	return *v
}

func (s *Signature) settle() {
	s.Valid, s.Code, s.Message = len(s.Checks) > 0, "", ""
	for _, check := range s.Checks {
		if check.Result == Failed {
			s.Valid = false
			if s.Code == "" {
				s.Code, s.Message = check.Code, check.Message
			}
		}
	}
	if s.Covers == nil {
		s.Covers = []string{}
	}
	if s.Chain == nil {
		s.Chain = []Certificate{}
	}
	if s.Remarks == nil {
		s.Remarks = []Problem{}
	}
}

// longestMessage and longestName bound what a verdict quotes of a stranger's file, in bytes.
const (
	longestMessage = 500
	longestName    = 300
)

func (s *Signature) pass(name string) { s.Checks = append(s.Checks, Check{Name: name, Result: Passed}) }

func (s *Signature) fail(name string, f *failure) {
	s.Checks = append(s.Checks, Check{Name: name, Result: Failed, Code: f.code, Message: clean(f.message, longestMessage)})
}

// note lists a check by its outcome.
func (s *Signature) note(name string, f *failure) {
	if f != nil {
		s.fail(name, f)
		return
	}
	s.pass(name)
}

func (s *Signature) skip(names ...string) {
	for _, name := range names {
		s.Checks = append(s.Checks, Check{Name: name, Result: Skipped})
	}
}

func (s *Signature) remark(f *failure) {
	s.Remarks = append(s.Remarks, Problem{Code: f.code, Message: clean(f.message, longestMessage)})
}

// failure is why a check failed.
type failure struct{ code, message string }

func fails(code, message string) *failure { return &failure{code: code, message: message} }

// clean makes a text out of a stranger's file fit to be stored and shown: no control characters, valid UTF-8, bounded.
func clean(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, " "))
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}
