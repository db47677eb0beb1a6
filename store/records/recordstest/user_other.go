//go:build !unix

package recordstest

import "syscall"

// asOther does nothing here: only Unix has the rule that PostgreSQL does not run as root.
func asOther(string) (*syscall.SysProcAttr, error) { return nil, nil }
