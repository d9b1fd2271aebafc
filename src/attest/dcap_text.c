#include "attest/dcap.h"

const char *attest_check_text(enum attest_check check)
{
	switch (check) {
	case ATTEST_CHECK_NONE: return "nothing";
	case ATTEST_CHECK_FORMAT: return "the form of the attestation";
	case ATTEST_CHECK_QUOTE_FORMAT: return "the form of the quote";
	case ATTEST_CHECK_REPORT_DATA: return "the binding of the keys to the quote";
	case ATTEST_CHECK_COLLATERAL_VERSION: return "the version of the collateral";
	case ATTEST_CHECK_CERTIFICATION_DATA: return "the certification data of the quote";
	case ATTEST_CHECK_PCK_CHAIN: return "the PCK certificate chain";
	case ATTEST_CHECK_ROOT: return "the root of the PCK certificate chain";
	case ATTEST_CHECK_PCK_CRL_CHAIN: return "the certificate chain of the PCK CRL";
	case ATTEST_CHECK_TCB_INFO_CHAIN: return "the certificate chain of the TCB info";
	case ATTEST_CHECK_QE_IDENTITY_CHAIN: return "the certificate chain of the QE identity";
	case ATTEST_CHECK_ROOT_CRL: return "the root CRL";
	case ATTEST_CHECK_PCK_CRL: return "the PCK CRL";
	case ATTEST_CHECK_REVOCATION: return "the revocation of certificates";
	case ATTEST_CHECK_TCB_INFO_SIGNATURE: return "the signature of the TCB info";
	case ATTEST_CHECK_TCB_INFO: return "the TCB info";
	case ATTEST_CHECK_QE_IDENTITY_SIGNATURE: return "the signature of the QE identity";
	case ATTEST_CHECK_QE_IDENTITY: return "the QE identity";
	case ATTEST_CHECK_FMSPC: return "the platform that the TCB info is for";
	case ATTEST_CHECK_TDX_MODULE: return "the identity of the TDX module";
	case ATTEST_CHECK_QE_REPORT_SIGNATURE: return "the signature of the QE report";
	case ATTEST_CHECK_QE_REPORT_DATA: return "the binding of the attestation key to the QE";
	case ATTEST_CHECK_QE_REPORT: return "the identity of the quoting enclave";
	case ATTEST_CHECK_QUOTE_SIGNATURE: return "the signature of the quote";
	case ATTEST_CHECK_TCB_LEVEL: return "the TCB level of the platform";
	}
	return "an unknown check";
}
