/* Made by tools/simulation/make.sh; do not edit. A simulation: every private key is published. */
/* clang-format off */
#include "machine/soft/simulation.h"

static const char pck_chain_text[] =
	"-----BEGIN CERTIFICATE-----\n"
	"MIIEJjCCA8ugAwIBAgICUwMwCgYIKoZIzj0EAwIwfDEwMC4GA1UEAwwnQ29uY2xh\n"
	"dmUgU2ltdWxhdGlvbiBTR1ggUENLIFBsYXRmb3JtIENBMRwwGgYDVQQKDBNDb25j\n"
	"bGF2ZSBTaW11bGF0aW9uMRAwDgYDVQQHDAdOb3doZXJlMQswCQYDVQQIDAJaWjEL\n"
	"MAkGA1UEBhMCWlowIBcNMjUwMTAxMDAwMDAwWhgPMjA5OTEyMzEyMzU5NTlaMHwx\n"
	"MDAuBgNVBAMMJ0NvbmNsYXZlIFNpbXVsYXRpb24gU0dYIFBDSyBDZXJ0aWZpY2F0\n"
	"ZTEcMBoGA1UECgwTQ29uY2xhdmUgU2ltdWxhdGlvbjEQMA4GA1UEBwwHTm93aGVy\n"
	"ZTELMAkGA1UECAwCWloxCzAJBgNVBAYTAlpaMFkwEwYHKoZIzj0CAQYIKoZIzj0D\n"
	"AQcDQgAEBXy6Nx4wXBBrWYV1tuzfAsNnSiUGtGahN6TrVhpaBKqsVuVA2ZHzaXhA\n"
	"Me+2cMENBzatHtkXRcO1qa50bybD1aOCAjkwggI1MAwGA1UdEwEB/wQCMAAwDgYD\n"
	"VR0PAQH/BAQDAgbAMB0GA1UdDgQWBBTXrhGGQktH3h9Iws4O9ptThrhX8TAfBgNV\n"
	"HSMEGDAWgBQ1FjGd4grt5tBo4TXQK+uZd2elWDCCAdMGCSqGSIb4TQENAQSCAcQw\n"
	"ggHAMB4GCiqGSIb4TQENAQEEEAAAAAAAAAAAAAAAAAAAAAAwggFjBgoqhkiG+E0B\n"
	"DQECMIIBUzAQBgsqhkiG+E0BDQECAQIBAjAQBgsqhkiG+E0BDQECAgIBAjAQBgsq\n"
	"hkiG+E0BDQECAwIBAjAQBgsqhkiG+E0BDQECBAIBAjAQBgsqhkiG+E0BDQECBQIB\n"
	"AjAQBgsqhkiG+E0BDQECBgIBAjAQBgsqhkiG+E0BDQECBwIBAjAQBgsqhkiG+E0B\n"
	"DQECCAIBAjAQBgsqhkiG+E0BDQECCQIBAjAQBgsqhkiG+E0BDQECCgIBAjAQBgsq\n"
	"hkiG+E0BDQECCwIBAjAQBgsqhkiG+E0BDQECDAIBAjAQBgsqhkiG+E0BDQECDQIB\n"
	"AjAQBgsqhkiG+E0BDQECDgIBAjAQBgsqhkiG+E0BDQECDwIBAjAQBgsqhkiG+E0B\n"
	"DQECEAIBAjAQBgsqhkiG+E0BDQECEQIBDTAfBgsqhkiG+E0BDQECEgQQAgICAgIC\n"
	"AgICAgICAgICAjAQBgoqhkiG+E0BDQEDBAIAADAUBgoqhkiG+E0BDQEEBAZTSU0A\n"
	"AAAwDwYKKoZIhvhNAQ0BBQoBATAKBggqhkjOPQQDAgNJADBGAiEAjJeASCodZfAJ\n"
	"9cAa5TSRsNwC/A2orrXTXATCJDjsObMCIQDG1XdVI3TI78tFd0t5BK/eKuK6qdc/\n"
	"zeJU4MgUmDGYGw==\n"
	"-----END CERTIFICATE-----\n"
	"-----BEGIN CERTIFICATE-----\n"
	"MIICSTCCAe6gAwIBAgICUwIwCgYIKoZIzj0EAwIwdDEoMCYGA1UEAwwfQ29uY2xh\n"
	"dmUgU2ltdWxhdGlvbiBTR1ggUm9vdCBDQTEcMBoGA1UECgwTQ29uY2xhdmUgU2lt\n"
	"dWxhdGlvbjEQMA4GA1UEBwwHTm93aGVyZTELMAkGA1UECAwCWloxCzAJBgNVBAYT\n"
	"AlpaMCAXDTI1MDEwMTAwMDAwMFoYDzIwOTkxMjMxMjM1OTU5WjB8MTAwLgYDVQQD\n"
	"DCdDb25jbGF2ZSBTaW11bGF0aW9uIFNHWCBQQ0sgUGxhdGZvcm0gQ0ExHDAaBgNV\n"
	"BAoME0NvbmNsYXZlIFNpbXVsYXRpb24xEDAOBgNVBAcMB05vd2hlcmUxCzAJBgNV\n"
	"BAgMAlpaMQswCQYDVQQGEwJaWjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABI18\n"
	"1jTxzLmgjcYyKdb2QKQLMbdWncx9YSXTjG+SehJEv+E0rEgGuoS0DYQLCRsjo4Uf\n"
	"ouQYNCgFz80e0udyhXqjZjBkMBIGA1UdEwEB/wQIMAYBAf8CAQAwDgYDVR0PAQH/\n"
	"BAQDAgEGMB0GA1UdDgQWBBQ1FjGd4grt5tBo4TXQK+uZd2elWDAfBgNVHSMEGDAW\n"
	"gBTQWHAygGtPSJ5EUw1frPWsge/fqTAKBggqhkjOPQQDAgNJADBGAiEAh40GmjSE\n"
	"PuB9gMeu8XksBiHeLx/2R2l6ISgSKgauFV0CIQC7x1opaEvHGd4jIYYSS85JMzMX\n"
	"7jUo6qDDOPBqPgFw0A==\n"
	"-----END CERTIFICATE-----\n"
	"-----BEGIN CERTIFICATE-----\n"
	"MIICQTCCAeagAwIBAgICUwEwCgYIKoZIzj0EAwIwdDEoMCYGA1UEAwwfQ29uY2xh\n"
	"dmUgU2ltdWxhdGlvbiBTR1ggUm9vdCBDQTEcMBoGA1UECgwTQ29uY2xhdmUgU2lt\n"
	"dWxhdGlvbjEQMA4GA1UEBwwHTm93aGVyZTELMAkGA1UECAwCWloxCzAJBgNVBAYT\n"
	"AlpaMCAXDTI1MDEwMTAwMDAwMFoYDzIwOTkxMjMxMjM1OTU5WjB0MSgwJgYDVQQD\n"
	"DB9Db25jbGF2ZSBTaW11bGF0aW9uIFNHWCBSb290IENBMRwwGgYDVQQKDBNDb25j\n"
	"bGF2ZSBTaW11bGF0aW9uMRAwDgYDVQQHDAdOb3doZXJlMQswCQYDVQQIDAJaWjEL\n"
	"MAkGA1UEBhMCWlowWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATYa4LYC+WIDC+C\n"
	"XfaTpgW2jp5odObfwSX1kS8NMuzch2zNh8pvliJc7/gZrutpHmJIwLxp5GtM/byT\n"
	"qOXcsgfbo2YwZDASBgNVHRMBAf8ECDAGAQH/AgEBMA4GA1UdDwEB/wQEAwIBBjAd\n"
	"BgNVHQ4EFgQU0FhwMoBrT0ieRFMNX6z1rIHv36kwHwYDVR0jBBgwFoAU0FhwMoBr\n"
	"T0ieRFMNX6z1rIHv36kwCgYIKoZIzj0EAwIDSQAwRgIhAJn8Z/OeKBBXbYl3CIlQ\n"
	"N9z6V3puS1kfvUr9a6/9Xu1ZAiEAsxDscKP6CJPAFc0qCx7nGVO995pJW6aMV+iR\n"
	"DcTGdH8=\n"
	"-----END CERTIFICATE-----\n";
const struct bytes simulation_pck_chain = {(const uint8_t *)pck_chain_text, sizeof(pck_chain_text) - 0};

static const char pck_crl_issuer_chain_text[] =
	"-----BEGIN CERTIFICATE-----\n"
	"MIICSTCCAe6gAwIBAgICUwIwCgYIKoZIzj0EAwIwdDEoMCYGA1UEAwwfQ29uY2xh\n"
	"dmUgU2ltdWxhdGlvbiBTR1ggUm9vdCBDQTEcMBoGA1UECgwTQ29uY2xhdmUgU2lt\n"
	"dWxhdGlvbjEQMA4GA1UEBwwHTm93aGVyZTELMAkGA1UECAwCWloxCzAJBgNVBAYT\n"
	"AlpaMCAXDTI1MDEwMTAwMDAwMFoYDzIwOTkxMjMxMjM1OTU5WjB8MTAwLgYDVQQD\n"
	"DCdDb25jbGF2ZSBTaW11bGF0aW9uIFNHWCBQQ0sgUGxhdGZvcm0gQ0ExHDAaBgNV\n"
	"BAoME0NvbmNsYXZlIFNpbXVsYXRpb24xEDAOBgNVBAcMB05vd2hlcmUxCzAJBgNV\n"
	"BAgMAlpaMQswCQYDVQQGEwJaWjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABI18\n"
	"1jTxzLmgjcYyKdb2QKQLMbdWncx9YSXTjG+SehJEv+E0rEgGuoS0DYQLCRsjo4Uf\n"
	"ouQYNCgFz80e0udyhXqjZjBkMBIGA1UdEwEB/wQIMAYBAf8CAQAwDgYDVR0PAQH/\n"
	"BAQDAgEGMB0GA1UdDgQWBBQ1FjGd4grt5tBo4TXQK+uZd2elWDAfBgNVHSMEGDAW\n"
	"gBTQWHAygGtPSJ5EUw1frPWsge/fqTAKBggqhkjOPQQDAgNJADBGAiEAh40GmjSE\n"
	"PuB9gMeu8XksBiHeLx/2R2l6ISgSKgauFV0CIQC7x1opaEvHGd4jIYYSS85JMzMX\n"
	"7jUo6qDDOPBqPgFw0A==\n"
	"-----END CERTIFICATE-----\n"
	"-----BEGIN CERTIFICATE-----\n"
	"MIICQTCCAeagAwIBAgICUwEwCgYIKoZIzj0EAwIwdDEoMCYGA1UEAwwfQ29uY2xh\n"
	"dmUgU2ltdWxhdGlvbiBTR1ggUm9vdCBDQTEcMBoGA1UECgwTQ29uY2xhdmUgU2lt\n"
	"dWxhdGlvbjEQMA4GA1UEBwwHTm93aGVyZTELMAkGA1UECAwCWloxCzAJBgNVBAYT\n"
	"AlpaMCAXDTI1MDEwMTAwMDAwMFoYDzIwOTkxMjMxMjM1OTU5WjB0MSgwJgYDVQQD\n"
	"DB9Db25jbGF2ZSBTaW11bGF0aW9uIFNHWCBSb290IENBMRwwGgYDVQQKDBNDb25j\n"
	"bGF2ZSBTaW11bGF0aW9uMRAwDgYDVQQHDAdOb3doZXJlMQswCQYDVQQIDAJaWjEL\n"
	"MAkGA1UEBhMCWlowWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATYa4LYC+WIDC+C\n"
	"XfaTpgW2jp5odObfwSX1kS8NMuzch2zNh8pvliJc7/gZrutpHmJIwLxp5GtM/byT\n"
	"qOXcsgfbo2YwZDASBgNVHRMBAf8ECDAGAQH/AgEBMA4GA1UdDwEB/wQEAwIBBjAd\n"
	"BgNVHQ4EFgQU0FhwMoBrT0ieRFMNX6z1rIHv36kwHwYDVR0jBBgwFoAU0FhwMoBr\n"
	"T0ieRFMNX6z1rIHv36kwCgYIKoZIzj0EAwIDSQAwRgIhAJn8Z/OeKBBXbYl3CIlQ\n"
	"N9z6V3puS1kfvUr9a6/9Xu1ZAiEAsxDscKP6CJPAFc0qCx7nGVO995pJW6aMV+iR\n"
	"DcTGdH8=\n"
	"-----END CERTIFICATE-----\n";
const struct bytes simulation_pck_crl_issuer_chain = {(const uint8_t *)pck_crl_issuer_chain_text, sizeof(pck_crl_issuer_chain_text) - 1};

static const char root_ca_crl_text[] =
	"-----BEGIN X509 CRL-----\n"
	"MIIBLzCB1gIBATAKBggqhkjOPQQDAjB0MSgwJgYDVQQDDB9Db25jbGF2ZSBTaW11\n"
	"bGF0aW9uIFNHWCBSb290IENBMRwwGgYDVQQKDBNDb25jbGF2ZSBTaW11bGF0aW9u\n"
	"MRAwDgYDVQQHDAdOb3doZXJlMQswCQYDVQQIDAJaWjELMAkGA1UEBhMCWloXDTI1\n"
	"MDEwMTAwMDAwMFoYDzIwOTkxMjMxMjM1OTU5WqAvMC0wHwYDVR0jBBgwFoAU0Fhw\n"
	"MoBrT0ieRFMNX6z1rIHv36kwCgYDVR0UBAMCAQEwCgYIKoZIzj0EAwIDSAAwRQIh\n"
	"AOmD2H0+61lyYiOfuU8tAs2ZpFcKNkL4CVA0S8hmg+dfAiBSBMZfNH+PjAwanWVm\n"
	"rfFag3owy5Hr+KspBW6fle0qDw==\n"
	"-----END X509 CRL-----\n";
const struct bytes simulation_root_ca_crl = {(const uint8_t *)root_ca_crl_text, sizeof(root_ca_crl_text) - 1};

static const char pck_crl_text[] =
	"-----BEGIN X509 CRL-----\n"
	"MIIBODCB3gIBATAKBggqhkjOPQQDAjB8MTAwLgYDVQQDDCdDb25jbGF2ZSBTaW11\n"
	"bGF0aW9uIFNHWCBQQ0sgUGxhdGZvcm0gQ0ExHDAaBgNVBAoME0NvbmNsYXZlIFNp\n"
	"bXVsYXRpb24xEDAOBgNVBAcMB05vd2hlcmUxCzAJBgNVBAgMAlpaMQswCQYDVQQG\n"
	"EwJaWhcNMjUwMTAxMDAwMDAwWhgPMjA5OTEyMzEyMzU5NTlaoC8wLTAfBgNVHSME\n"
	"GDAWgBQ1FjGd4grt5tBo4TXQK+uZd2elWDAKBgNVHRQEAwIBATAKBggqhkjOPQQD\n"
	"AgNJADBGAiEA/vFhv1lmR4HtuRuJyOH+UIG7dSlOciBM4m3qPafjqlACIQC2pka0\n"
	"hquQhZZF90bpM+ZGhGRtczyM1/AY7a3Fb2/B4w==\n"
	"-----END X509 CRL-----\n";
const struct bytes simulation_pck_crl = {(const uint8_t *)pck_crl_text, sizeof(pck_crl_text) - 1};

static const char tcb_signing_chain_text[] =
	"-----BEGIN CERTIFICATE-----\n"
	"MIICPjCCAeSgAwIBAgICUwQwCgYIKoZIzj0EAwIwdDEoMCYGA1UEAwwfQ29uY2xh\n"
	"dmUgU2ltdWxhdGlvbiBTR1ggUm9vdCBDQTEcMBoGA1UECgwTQ29uY2xhdmUgU2lt\n"
	"dWxhdGlvbjEQMA4GA1UEBwwHTm93aGVyZTELMAkGA1UECAwCWloxCzAJBgNVBAYT\n"
	"AlpaMCAXDTI1MDEwMTAwMDAwMFoYDzIwOTkxMjMxMjM1OTU5WjB4MSwwKgYDVQQD\n"
	"DCNDb25jbGF2ZSBTaW11bGF0aW9uIFNHWCBUQ0IgU2lnbmluZzEcMBoGA1UECgwT\n"
	"Q29uY2xhdmUgU2ltdWxhdGlvbjEQMA4GA1UEBwwHTm93aGVyZTELMAkGA1UECAwC\n"
	"WloxCzAJBgNVBAYTAlpaMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEJaYvafoG\n"
	"gSKCgxAroVeja1OBa3ZWQ2VylkTrHlscPfqAMet1VoWCQafPiW35BmSid/YxhYor\n"
	"jYhlfR297O5U1aNgMF4wDAYDVR0TAQH/BAIwADAOBgNVHQ8BAf8EBAMCBsAwHQYD\n"
	"VR0OBBYEFPamMrEBVUrVP5mxm97FTB9klmkmMB8GA1UdIwQYMBaAFNBYcDKAa09I\n"
	"nkRTDV+s9ayB79+pMAoGCCqGSM49BAMCA0gAMEUCICnRxe1Hlea57Ege51hYcwXA\n"
	"vWl7dVGj8qpc3y4PfJasAiEA4qeAx+vekticHJvCewloye29i0gxnNLY04cc/Cxg\n"
	"My4=\n"
	"-----END CERTIFICATE-----\n"
	"-----BEGIN CERTIFICATE-----\n"
	"MIICQTCCAeagAwIBAgICUwEwCgYIKoZIzj0EAwIwdDEoMCYGA1UEAwwfQ29uY2xh\n"
	"dmUgU2ltdWxhdGlvbiBTR1ggUm9vdCBDQTEcMBoGA1UECgwTQ29uY2xhdmUgU2lt\n"
	"dWxhdGlvbjEQMA4GA1UEBwwHTm93aGVyZTELMAkGA1UECAwCWloxCzAJBgNVBAYT\n"
	"AlpaMCAXDTI1MDEwMTAwMDAwMFoYDzIwOTkxMjMxMjM1OTU5WjB0MSgwJgYDVQQD\n"
	"DB9Db25jbGF2ZSBTaW11bGF0aW9uIFNHWCBSb290IENBMRwwGgYDVQQKDBNDb25j\n"
	"bGF2ZSBTaW11bGF0aW9uMRAwDgYDVQQHDAdOb3doZXJlMQswCQYDVQQIDAJaWjEL\n"
	"MAkGA1UEBhMCWlowWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATYa4LYC+WIDC+C\n"
	"XfaTpgW2jp5odObfwSX1kS8NMuzch2zNh8pvliJc7/gZrutpHmJIwLxp5GtM/byT\n"
	"qOXcsgfbo2YwZDASBgNVHRMBAf8ECDAGAQH/AgEBMA4GA1UdDwEB/wQEAwIBBjAd\n"
	"BgNVHQ4EFgQU0FhwMoBrT0ieRFMNX6z1rIHv36kwHwYDVR0jBBgwFoAU0FhwMoBr\n"
	"T0ieRFMNX6z1rIHv36kwCgYIKoZIzj0EAwIDSQAwRgIhAJn8Z/OeKBBXbYl3CIlQ\n"
	"N9z6V3puS1kfvUr9a6/9Xu1ZAiEAsxDscKP6CJPAFc0qCx7nGVO995pJW6aMV+iR\n"
	"DcTGdH8=\n"
	"-----END CERTIFICATE-----\n";
const struct bytes simulation_tcb_signing_chain = {(const uint8_t *)tcb_signing_chain_text, sizeof(tcb_signing_chain_text) - 1};

static const char tcb_info_text[] =
	"{\"tcbInfo\":{\"id\":\"SGX\",\"version\":3,\"issueDate\":\"2025-01-01T00:00:00Z\",\"n"
	"extUpdate\":\"2099-12-31T23:59:59Z\",\"fmspc\":\"53494d000000\",\"pceId\":\"0000\","
	"\"tcbType\":0,\"tcbEvaluationDataNumber\":1,\"tcbLevels\":[{\"tcb\":{\"sgxtcbcomp"
	"onents\":[{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"s"
	"vn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn"
	"\":2},{\"svn\":2},{\"svn\":2}],\"pcesvn\":13},\"tcbDate\":\"2025-01-01T00:00:00Z\","
	"\"tcbStatus\":\"UpToDate\"},{\"tcb\":{\"sgxtcbcomponents\":[{\"svn\":1},{\"svn\":1},"
	"{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\""
	"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1}],\"pc"
	"esvn\":5},\"tcbDate\":\"2024-01-01T00:00:00Z\",\"tcbStatus\":\"OutOfDate\"}]},\"si"
	"gnature\":\"6435195f333e8493fa1ce2e02a31350f2d71a81100933be960e8528713456d"
	"737c8c707897260e552305747089ba35e08affd55e098e4bddb3edd9f792dd1ff9\"}";
const struct bytes simulation_tcb_info = {(const uint8_t *)tcb_info_text, sizeof(tcb_info_text) - 1};

static const char qe_identity_text[] =
	"{\"enclaveIdentity\":{\"id\":\"QE\",\"version\":2,\"issueDate\":\"2025-01-01T00:00:"
	"00Z\",\"nextUpdate\":\"2099-12-31T23:59:59Z\",\"tcbEvaluationDataNumber\":1,\"mi"
	"scselect\":\"00000000\",\"miscselectMask\":\"FFFFFFFF\",\"attributes\":\"110000000"
	"00000000000000000000000\",\"attributesMask\":\"FBFFFFFFFFFFFFFF0000000000000"
	"000\",\"mrsigner\":\"E59BECB4EF1B271924E273ECCB93AD6DF0693A21ABAB9071507F4FD"
	"5D7490698\",\"isvprodid\":1,\"tcbLevels\":[{\"tcb\":{\"isvsvn\":1},\"tcbDate\":\"202"
	"5-01-01T00:00:00Z\",\"tcbStatus\":\"UpToDate\"}]},\"signature\":\"4c997b9bd6f603"
	"7c94516ce99f48cff9ae21c7570501bb3fe3411a416d69b51e7ffb11205b85e516309498"
	"35e599819298191482b67c276f2bade1bff1338d13\"}";
const struct bytes simulation_qe_identity = {(const uint8_t *)qe_identity_text, sizeof(qe_identity_text) - 1};

const struct p256_secret simulation_pck_key = {{
	0x6e, 0x98, 0x23, 0x00, 0x5a, 0xe3, 0x95, 0x8e, 0x75, 0xa1, 0x7c, 0x4b,
	0x09, 0x3a, 0x4f, 0x42, 0x27, 0xaf, 0x20, 0x65, 0xb9, 0xa4, 0x86, 0xdf,
	0xda, 0x1d, 0x6e, 0x49, 0x16, 0xaa, 0xe2, 0x4c,
}};

const uint8_t simulation_qe_mrenclave[32] = {
	0x79, 0xa9, 0x89, 0x52, 0x4d, 0x95, 0x50, 0x93, 0x65, 0x1b, 0x09, 0x33,
	0x18, 0xbb, 0xe5, 0xa2, 0x9b, 0xdb, 0xaf, 0x5d, 0x21, 0x96, 0x18, 0xf8,
	0x51, 0x31, 0x8d, 0x05, 0x4d, 0x39, 0x84, 0xf2,
};

const uint8_t simulation_qe_mrsigner[32] = {
	0xe5, 0x9b, 0xec, 0xb4, 0xef, 0x1b, 0x27, 0x19, 0x24, 0xe2, 0x73, 0xec,
	0xcb, 0x93, 0xad, 0x6d, 0xf0, 0x69, 0x3a, 0x21, 0xab, 0xab, 0x90, 0x71,
	0x50, 0x7f, 0x4f, 0xd5, 0xd7, 0x49, 0x06, 0x98,
};
