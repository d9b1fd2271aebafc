/* Made by tools/simulation/make.sh; do not edit. A simulation: every private key is published. */
/* clang-format off */
#include "machine/soft/simulation.h"

static const char pck_chain_1_text[] =
	"-----BEGIN CERTIFICATE-----\n"
	"MIIEJTCCA8ugAwIBAgICUxEwCgYIKoZIzj0EAwIwfDEwMC4GA1UEAwwnQ29uY2xh\n"
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
	"DQECMIIBUzAQBgsqhkiG+E0BDQECAQIBATAQBgsqhkiG+E0BDQECAgIBATAQBgsq\n"
	"hkiG+E0BDQECAwIBATAQBgsqhkiG+E0BDQECBAIBATAQBgsqhkiG+E0BDQECBQIB\n"
	"ATAQBgsqhkiG+E0BDQECBgIBATAQBgsqhkiG+E0BDQECBwIBATAQBgsqhkiG+E0B\n"
	"DQECCAIBATAQBgsqhkiG+E0BDQECCQIBATAQBgsqhkiG+E0BDQECCgIBATAQBgsq\n"
	"hkiG+E0BDQECCwIBATAQBgsqhkiG+E0BDQECDAIBATAQBgsqhkiG+E0BDQECDQIB\n"
	"ATAQBgsqhkiG+E0BDQECDgIBATAQBgsqhkiG+E0BDQECDwIBATAQBgsqhkiG+E0B\n"
	"DQECEAIBATAQBgsqhkiG+E0BDQECEQIBDTAfBgsqhkiG+E0BDQECEgQQAQEBAQEB\n"
	"AQEBAQEBAQEBATAQBgoqhkiG+E0BDQEDBAIAADAUBgoqhkiG+E0BDQEEBAZTSU0A\n"
	"AAAwDwYKKoZIhvhNAQ0BBQoBATAKBggqhkjOPQQDAgNIADBFAiA4wA8vipdksR1Q\n"
	"2NhcOpojedtcg0uHJ9HqFUWAKnNVzQIhAJrwZa4Qu1SULDFyzHwE+OqxjJI/bCdV\n"
	"rgRb1sQQDYIr\n"
	"-----END CERTIFICATE-----\n"
	"-----BEGIN CERTIFICATE-----\n"
	"MIICSDCCAe6gAwIBAgICUwIwCgYIKoZIzj0EAwIwdDEoMCYGA1UEAwwfQ29uY2xh\n"
	"dmUgU2ltdWxhdGlvbiBTR1ggUm9vdCBDQTEcMBoGA1UECgwTQ29uY2xhdmUgU2lt\n"
	"dWxhdGlvbjEQMA4GA1UEBwwHTm93aGVyZTELMAkGA1UECAwCWloxCzAJBgNVBAYT\n"
	"AlpaMCAXDTI1MDEwMTAwMDAwMFoYDzIwOTkxMjMxMjM1OTU5WjB8MTAwLgYDVQQD\n"
	"DCdDb25jbGF2ZSBTaW11bGF0aW9uIFNHWCBQQ0sgUGxhdGZvcm0gQ0ExHDAaBgNV\n"
	"BAoME0NvbmNsYXZlIFNpbXVsYXRpb24xEDAOBgNVBAcMB05vd2hlcmUxCzAJBgNV\n"
	"BAgMAlpaMQswCQYDVQQGEwJaWjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABI18\n"
	"1jTxzLmgjcYyKdb2QKQLMbdWncx9YSXTjG+SehJEv+E0rEgGuoS0DYQLCRsjo4Uf\n"
	"ouQYNCgFz80e0udyhXqjZjBkMBIGA1UdEwEB/wQIMAYBAf8CAQAwDgYDVR0PAQH/\n"
	"BAQDAgEGMB0GA1UdDgQWBBQ1FjGd4grt5tBo4TXQK+uZd2elWDAfBgNVHSMEGDAW\n"
	"gBTQWHAygGtPSJ5EUw1frPWsge/fqTAKBggqhkjOPQQDAgNIADBFAiA6EGr83LLw\n"
	"d3DQ3t5LZEV8TkX93bOktw3SocgvgR8o4AIhAKSBPvVFI1Fkn++7UkW1eL6iFjtU\n"
	"+x3m+FLDjGU5KkoQ\n"
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
	"T0ieRFMNX6z1rIHv36kwCgYIKoZIzj0EAwIDSQAwRgIhAOpo0U2+5MxtfnA9LYsD\n"
	"sfEb3tSK2ImRKvS1/e+pWASTAiEArKdI7xCysHBCuwWPL9kAgLm+14tNDEv11wOx\n"
	"XW1M3dU=\n"
	"-----END CERTIFICATE-----\n";

static const char pck_chain_2_text[] =
	"-----BEGIN CERTIFICATE-----\n"
	"MIIEJjCCA8ugAwIBAgICUxIwCgYIKoZIzj0EAwIwfDEwMC4GA1UEAwwnQ29uY2xh\n"
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
	"AAAwDwYKKoZIhvhNAQ0BBQoBATAKBggqhkjOPQQDAgNJADBGAiEAs9OfLaX6cKJb\n"
	"bZmnyJukj96lGrlyqz0mnSZM779bDkcCIQDPYiRmG6IOPn8/2Fu8xXXMpOinYhdu\n"
	"JtP3N2M2/sx/8w==\n"
	"-----END CERTIFICATE-----\n"
	"-----BEGIN CERTIFICATE-----\n"
	"MIICSDCCAe6gAwIBAgICUwIwCgYIKoZIzj0EAwIwdDEoMCYGA1UEAwwfQ29uY2xh\n"
	"dmUgU2ltdWxhdGlvbiBTR1ggUm9vdCBDQTEcMBoGA1UECgwTQ29uY2xhdmUgU2lt\n"
	"dWxhdGlvbjEQMA4GA1UEBwwHTm93aGVyZTELMAkGA1UECAwCWloxCzAJBgNVBAYT\n"
	"AlpaMCAXDTI1MDEwMTAwMDAwMFoYDzIwOTkxMjMxMjM1OTU5WjB8MTAwLgYDVQQD\n"
	"DCdDb25jbGF2ZSBTaW11bGF0aW9uIFNHWCBQQ0sgUGxhdGZvcm0gQ0ExHDAaBgNV\n"
	"BAoME0NvbmNsYXZlIFNpbXVsYXRpb24xEDAOBgNVBAcMB05vd2hlcmUxCzAJBgNV\n"
	"BAgMAlpaMQswCQYDVQQGEwJaWjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABI18\n"
	"1jTxzLmgjcYyKdb2QKQLMbdWncx9YSXTjG+SehJEv+E0rEgGuoS0DYQLCRsjo4Uf\n"
	"ouQYNCgFz80e0udyhXqjZjBkMBIGA1UdEwEB/wQIMAYBAf8CAQAwDgYDVR0PAQH/\n"
	"BAQDAgEGMB0GA1UdDgQWBBQ1FjGd4grt5tBo4TXQK+uZd2elWDAfBgNVHSMEGDAW\n"
	"gBTQWHAygGtPSJ5EUw1frPWsge/fqTAKBggqhkjOPQQDAgNIADBFAiA6EGr83LLw\n"
	"d3DQ3t5LZEV8TkX93bOktw3SocgvgR8o4AIhAKSBPvVFI1Fkn++7UkW1eL6iFjtU\n"
	"+x3m+FLDjGU5KkoQ\n"
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
	"T0ieRFMNX6z1rIHv36kwCgYIKoZIzj0EAwIDSQAwRgIhAOpo0U2+5MxtfnA9LYsD\n"
	"sfEb3tSK2ImRKvS1/e+pWASTAiEArKdI7xCysHBCuwWPL9kAgLm+14tNDEv11wOx\n"
	"XW1M3dU=\n"
	"-----END CERTIFICATE-----\n";

static const char pck_chain_3_text[] =
	"-----BEGIN CERTIFICATE-----\n"
	"MIIEJDCCA8ugAwIBAgICUxMwCgYIKoZIzj0EAwIwfDEwMC4GA1UEAwwnQ29uY2xh\n"
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
	"DQECMIIBUzAQBgsqhkiG+E0BDQECAQIBAzAQBgsqhkiG+E0BDQECAgIBAzAQBgsq\n"
	"hkiG+E0BDQECAwIBAzAQBgsqhkiG+E0BDQECBAIBAzAQBgsqhkiG+E0BDQECBQIB\n"
	"AzAQBgsqhkiG+E0BDQECBgIBAzAQBgsqhkiG+E0BDQECBwIBAzAQBgsqhkiG+E0B\n"
	"DQECCAIBAzAQBgsqhkiG+E0BDQECCQIBAzAQBgsqhkiG+E0BDQECCgIBAzAQBgsq\n"
	"hkiG+E0BDQECCwIBAzAQBgsqhkiG+E0BDQECDAIBAzAQBgsqhkiG+E0BDQECDQIB\n"
	"AzAQBgsqhkiG+E0BDQECDgIBAzAQBgsqhkiG+E0BDQECDwIBAzAQBgsqhkiG+E0B\n"
	"DQECEAIBAzAQBgsqhkiG+E0BDQECEQIBDTAfBgsqhkiG+E0BDQECEgQQAwMDAwMD\n"
	"AwMDAwMDAwMDAzAQBgoqhkiG+E0BDQEDBAIAADAUBgoqhkiG+E0BDQEEBAZTSU0A\n"
	"AAAwDwYKKoZIhvhNAQ0BBQoBATAKBggqhkjOPQQDAgNHADBEAiAxjT9H0TxZ7M0s\n"
	"t70gukoqwNvnXaboB1BV4CSEMV/+gAIgaeD4K14NZfaQPbQgGimuFDcuH0b/00h2\n"
	"333uR/xmJ/A=\n"
	"-----END CERTIFICATE-----\n"
	"-----BEGIN CERTIFICATE-----\n"
	"MIICSDCCAe6gAwIBAgICUwIwCgYIKoZIzj0EAwIwdDEoMCYGA1UEAwwfQ29uY2xh\n"
	"dmUgU2ltdWxhdGlvbiBTR1ggUm9vdCBDQTEcMBoGA1UECgwTQ29uY2xhdmUgU2lt\n"
	"dWxhdGlvbjEQMA4GA1UEBwwHTm93aGVyZTELMAkGA1UECAwCWloxCzAJBgNVBAYT\n"
	"AlpaMCAXDTI1MDEwMTAwMDAwMFoYDzIwOTkxMjMxMjM1OTU5WjB8MTAwLgYDVQQD\n"
	"DCdDb25jbGF2ZSBTaW11bGF0aW9uIFNHWCBQQ0sgUGxhdGZvcm0gQ0ExHDAaBgNV\n"
	"BAoME0NvbmNsYXZlIFNpbXVsYXRpb24xEDAOBgNVBAcMB05vd2hlcmUxCzAJBgNV\n"
	"BAgMAlpaMQswCQYDVQQGEwJaWjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABI18\n"
	"1jTxzLmgjcYyKdb2QKQLMbdWncx9YSXTjG+SehJEv+E0rEgGuoS0DYQLCRsjo4Uf\n"
	"ouQYNCgFz80e0udyhXqjZjBkMBIGA1UdEwEB/wQIMAYBAf8CAQAwDgYDVR0PAQH/\n"
	"BAQDAgEGMB0GA1UdDgQWBBQ1FjGd4grt5tBo4TXQK+uZd2elWDAfBgNVHSMEGDAW\n"
	"gBTQWHAygGtPSJ5EUw1frPWsge/fqTAKBggqhkjOPQQDAgNIADBFAiA6EGr83LLw\n"
	"d3DQ3t5LZEV8TkX93bOktw3SocgvgR8o4AIhAKSBPvVFI1Fkn++7UkW1eL6iFjtU\n"
	"+x3m+FLDjGU5KkoQ\n"
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
	"T0ieRFMNX6z1rIHv36kwCgYIKoZIzj0EAwIDSQAwRgIhAOpo0U2+5MxtfnA9LYsD\n"
	"sfEb3tSK2ImRKvS1/e+pWASTAiEArKdI7xCysHBCuwWPL9kAgLm+14tNDEv11wOx\n"
	"XW1M3dU=\n"
	"-----END CERTIFICATE-----\n";
const struct bytes simulation_pck_chains[SIMULATION_SVN_MAX] = {
	{(const uint8_t *)pck_chain_1_text, sizeof(pck_chain_1_text)},
	{(const uint8_t *)pck_chain_2_text, sizeof(pck_chain_2_text)},
	{(const uint8_t *)pck_chain_3_text, sizeof(pck_chain_3_text)},
};

static const char pck_crl_issuer_chain_text[] =
	"-----BEGIN CERTIFICATE-----\n"
	"MIICSDCCAe6gAwIBAgICUwIwCgYIKoZIzj0EAwIwdDEoMCYGA1UEAwwfQ29uY2xh\n"
	"dmUgU2ltdWxhdGlvbiBTR1ggUm9vdCBDQTEcMBoGA1UECgwTQ29uY2xhdmUgU2lt\n"
	"dWxhdGlvbjEQMA4GA1UEBwwHTm93aGVyZTELMAkGA1UECAwCWloxCzAJBgNVBAYT\n"
	"AlpaMCAXDTI1MDEwMTAwMDAwMFoYDzIwOTkxMjMxMjM1OTU5WjB8MTAwLgYDVQQD\n"
	"DCdDb25jbGF2ZSBTaW11bGF0aW9uIFNHWCBQQ0sgUGxhdGZvcm0gQ0ExHDAaBgNV\n"
	"BAoME0NvbmNsYXZlIFNpbXVsYXRpb24xEDAOBgNVBAcMB05vd2hlcmUxCzAJBgNV\n"
	"BAgMAlpaMQswCQYDVQQGEwJaWjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABI18\n"
	"1jTxzLmgjcYyKdb2QKQLMbdWncx9YSXTjG+SehJEv+E0rEgGuoS0DYQLCRsjo4Uf\n"
	"ouQYNCgFz80e0udyhXqjZjBkMBIGA1UdEwEB/wQIMAYBAf8CAQAwDgYDVR0PAQH/\n"
	"BAQDAgEGMB0GA1UdDgQWBBQ1FjGd4grt5tBo4TXQK+uZd2elWDAfBgNVHSMEGDAW\n"
	"gBTQWHAygGtPSJ5EUw1frPWsge/fqTAKBggqhkjOPQQDAgNIADBFAiA6EGr83LLw\n"
	"d3DQ3t5LZEV8TkX93bOktw3SocgvgR8o4AIhAKSBPvVFI1Fkn++7UkW1eL6iFjtU\n"
	"+x3m+FLDjGU5KkoQ\n"
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
	"T0ieRFMNX6z1rIHv36kwCgYIKoZIzj0EAwIDSQAwRgIhAOpo0U2+5MxtfnA9LYsD\n"
	"sfEb3tSK2ImRKvS1/e+pWASTAiEArKdI7xCysHBCuwWPL9kAgLm+14tNDEv11wOx\n"
	"XW1M3dU=\n"
	"-----END CERTIFICATE-----\n";
const struct bytes simulation_pck_crl_issuer_chain = {(const uint8_t *)pck_crl_issuer_chain_text, sizeof(pck_crl_issuer_chain_text) - 1};

static const char root_ca_crl_text[] =
	"-----BEGIN X509 CRL-----\n"
	"MIIBLjCB1gIBATAKBggqhkjOPQQDAjB0MSgwJgYDVQQDDB9Db25jbGF2ZSBTaW11\n"
	"bGF0aW9uIFNHWCBSb290IENBMRwwGgYDVQQKDBNDb25jbGF2ZSBTaW11bGF0aW9u\n"
	"MRAwDgYDVQQHDAdOb3doZXJlMQswCQYDVQQIDAJaWjELMAkGA1UEBhMCWloXDTI1\n"
	"MDEwMTAwMDAwMFoYDzIwOTkxMjMxMjM1OTU5WqAvMC0wHwYDVR0jBBgwFoAU0Fhw\n"
	"MoBrT0ieRFMNX6z1rIHv36kwCgYDVR0UBAMCAQEwCgYIKoZIzj0EAwIDRwAwRAIg\n"
	"PQwM0kduR4xYDY7/yRip74Ee9a7nDFFBchHFiJZ8RmgCIFQ52RZghfaV8/KoAzqH\n"
	"SPp4Py8c/PRdXZg/Jic6eohh\n"
	"-----END X509 CRL-----\n";
const struct bytes simulation_root_ca_crl = {(const uint8_t *)root_ca_crl_text, sizeof(root_ca_crl_text) - 1};

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
	"nkRTDV+s9ayB79+pMAoGCCqGSM49BAMCA0gAMEUCIQCscGJ9/Oe6kxdZ5Fkw1vFc\n"
	"VXUCRJckc6Qcfb4Gd/l91QIgG0D/VUNk6CJe9/fe/cOFYzIwfGjWVrHJbBehh30u\n"
	"5Co=\n"
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
	"T0ieRFMNX6z1rIHv36kwCgYIKoZIzj0EAwIDSQAwRgIhAOpo0U2+5MxtfnA9LYsD\n"
	"sfEb3tSK2ImRKvS1/e+pWASTAiEArKdI7xCysHBCuwWPL9kAgLm+14tNDEv11wOx\n"
	"XW1M3dU=\n"
	"-----END CERTIFICATE-----\n";
const struct bytes simulation_tcb_signing_chain = {(const uint8_t *)tcb_signing_chain_text, sizeof(tcb_signing_chain_text) - 1};

static const char pck_crl_text[] =
	"-----BEGIN X509 CRL-----\n"
	"MIIBODCB3gIBATAKBggqhkjOPQQDAjB8MTAwLgYDVQQDDCdDb25jbGF2ZSBTaW11\n"
	"bGF0aW9uIFNHWCBQQ0sgUGxhdGZvcm0gQ0ExHDAaBgNVBAoME0NvbmNsYXZlIFNp\n"
	"bXVsYXRpb24xEDAOBgNVBAcMB05vd2hlcmUxCzAJBgNVBAgMAlpaMQswCQYDVQQG\n"
	"EwJaWhcNMjUwMTAxMDAwMDAwWhgPMjA5OTEyMzEyMzU5NTlaoC8wLTAfBgNVHSME\n"
	"GDAWgBQ1FjGd4grt5tBo4TXQK+uZd2elWDAKBgNVHRQEAwIBATAKBggqhkjOPQQD\n"
	"AgNJADBGAiEArQLiguIEnROjFHzOY+jQWW8RfT3xiQD2F5nAZGYj1lMCIQDMab1/\n"
	"OlwJI/SDYwiFAXff22aHU/93dcCNPYx18lvSag==\n"
	"-----END X509 CRL-----\n";

static const char revoked_pck_crl_text[] =
	"-----BEGIN X509 CRL-----\n"
	"MIIBYzCCAQoCAQEwCgYIKoZIzj0EAwIwfDEwMC4GA1UEAwwnQ29uY2xhdmUgU2lt\n"
	"dWxhdGlvbiBTR1ggUENLIFBsYXRmb3JtIENBMRwwGgYDVQQKDBNDb25jbGF2ZSBT\n"
	"aW11bGF0aW9uMRAwDgYDVQQHDAdOb3doZXJlMQswCQYDVQQIDAJaWjELMAkGA1UE\n"
	"BhMCWloXDTI1MDEwMTAwMDAwMFoYDzIwOTkxMjMxMjM1OTU5WjAqMBMCAlMRFw0y\n"
	"NTA2MDEwMDAwMDBaMBMCAlMSFw0yNTA2MDEwMDAwMDBaoC8wLTAfBgNVHSMEGDAW\n"
	"gBQ1FjGd4grt5tBo4TXQK+uZd2elWDAKBgNVHRQEAwIBATAKBggqhkjOPQQDAgNH\n"
	"ADBEAiB/M2sNxQ2KC62uyPeTp+jyMNtWMHs6K9c/3Q5NSSPNbAIgFTnlHFyzbfnB\n"
	"XmANQPFcYStidP5I4kTnWn/R4g70HKc=\n"
	"-----END X509 CRL-----\n";

static const char configuration_and_sw_hardening_needed_tcb_info_text[] =
	"{\"tcbInfo\":{\"id\":\"SGX\",\"version\":3,\"issueDate\":\"2026-01-01T00:00:00Z\",\"n"
	"extUpdate\":\"2099-12-31T23:59:59Z\",\"fmspc\":\"53494d000000\",\"pceId\":\"0000\","
	"\"tcbType\":0,\"tcbEvaluationDataNumber\":2,\"tcbLevels\":[{\"tcb\":{\"sgxtcbcomp"
	"onents\":[{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"s"
	"vn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn"
	"\":2},{\"svn\":2},{\"svn\":2}],\"pcesvn\":13},\"tcbDate\":\"2026-01-01T00:00:00Z\","
	"\"tcbStatus\":\"ConfigurationAndSWHardeningNeeded\",\"advisoryIDs\":[\"SIM-SA-0"
	"0003\"]},{\"tcb\":{\"sgxtcbcomponents\":[{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\""
	":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1"
	"},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1}],\"pcesvn\":5},\"tcbDat"
	"e\":\"2024-01-01T00:00:00Z\",\"tcbStatus\":\"OutOfDate\"}]},\"signature\":\"2b2dff"
	"0fab543261ddbe56f3eafbec29350ac56b4b8268e6b5a01a4cdfb157e48c938520165365"
	"e69f78f4b7cf539178e20d3dad64f7fae382ca4e66384c44f8\"}";

static const char configuration_needed_tcb_info_text[] =
	"{\"tcbInfo\":{\"id\":\"SGX\",\"version\":3,\"issueDate\":\"2026-01-01T00:00:00Z\",\"n"
	"extUpdate\":\"2099-12-31T23:59:59Z\",\"fmspc\":\"53494d000000\",\"pceId\":\"0000\","
	"\"tcbType\":0,\"tcbEvaluationDataNumber\":2,\"tcbLevels\":[{\"tcb\":{\"sgxtcbcomp"
	"onents\":[{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"s"
	"vn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn"
	"\":2},{\"svn\":2},{\"svn\":2}],\"pcesvn\":13},\"tcbDate\":\"2026-01-01T00:00:00Z\","
	"\"tcbStatus\":\"ConfigurationNeeded\",\"advisoryIDs\":[\"SIM-SA-00002\"]},{\"tcb\""
	":{\"sgxtcbcomponents\":[{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},"
	"{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\""
	"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1}],\"pcesvn\":5},\"tcbDate\":\"2024-01-01"
	"T00:00:00Z\",\"tcbStatus\":\"OutOfDate\"}]},\"signature\":\"585644a9fecb2f2c3bc2"
	"54ff08c733eede55cb602b89f8657a2c392eece03018023a38f560bf072950f655644eaa"
	"6bd1fe1c5699cd5b92a0b9b07dee94c21beb\"}";

static const char out_of_date_tcb_info_text[] =
	"{\"tcbInfo\":{\"id\":\"SGX\",\"version\":3,\"issueDate\":\"2026-01-01T00:00:00Z\",\"n"
	"extUpdate\":\"2099-12-31T23:59:59Z\",\"fmspc\":\"53494d000000\",\"pceId\":\"0000\","
	"\"tcbType\":0,\"tcbEvaluationDataNumber\":3,\"tcbLevels\":[{\"tcb\":{\"sgxtcbcomp"
	"onents\":[{\"svn\":3},{\"svn\":3},{\"svn\":3},{\"svn\":3},{\"svn\":3},{\"svn\":3},{\"s"
	"vn\":3},{\"svn\":3},{\"svn\":3},{\"svn\":3},{\"svn\":3},{\"svn\":3},{\"svn\":3},{\"svn"
	"\":3},{\"svn\":3},{\"svn\":3}],\"pcesvn\":13},\"tcbDate\":\"2026-01-01T00:00:00Z\","
	"\"tcbStatus\":\"UpToDate\"},{\"tcb\":{\"sgxtcbcomponents\":[{\"svn\":2},{\"svn\":2},"
	"{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\""
	"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2}],\"pc"
	"esvn\":13},\"tcbDate\":\"2025-01-01T00:00:00Z\",\"tcbStatus\":\"OutOfDate\",\"advi"
	"soryIDs\":[\"SIM-SA-00004\"]},{\"tcb\":{\"sgxtcbcomponents\":[{\"svn\":1},{\"svn\":"
	"1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1}"
	",{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1}],"
	"\"pcesvn\":5},\"tcbDate\":\"2024-01-01T00:00:00Z\",\"tcbStatus\":\"OutOfDate\",\"ad"
	"visoryIDs\":[\"SIM-SA-00004\"]}]},\"signature\":\"a2092ba1c12412b9482c4c3502d0"
	"3cc155dc4bf42c700103b0d0409619115b4753ab9571c3c339c58a99b388159284a073e9"
	"444e329c4804b995b5bd95ace52a\"}";

static const char out_of_date_configuration_needed_tcb_info_text[] =
	"{\"tcbInfo\":{\"id\":\"SGX\",\"version\":3,\"issueDate\":\"2026-01-01T00:00:00Z\",\"n"
	"extUpdate\":\"2099-12-31T23:59:59Z\",\"fmspc\":\"53494d000000\",\"pceId\":\"0000\","
	"\"tcbType\":0,\"tcbEvaluationDataNumber\":3,\"tcbLevels\":[{\"tcb\":{\"sgxtcbcomp"
	"onents\":[{\"svn\":3},{\"svn\":3},{\"svn\":3},{\"svn\":3},{\"svn\":3},{\"svn\":3},{\"s"
	"vn\":3},{\"svn\":3},{\"svn\":3},{\"svn\":3},{\"svn\":3},{\"svn\":3},{\"svn\":3},{\"svn"
	"\":3},{\"svn\":3},{\"svn\":3}],\"pcesvn\":13},\"tcbDate\":\"2026-01-01T00:00:00Z\","
	"\"tcbStatus\":\"UpToDate\"},{\"tcb\":{\"sgxtcbcomponents\":[{\"svn\":2},{\"svn\":2},"
	"{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\""
	"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2}],\"pc"
	"esvn\":13},\"tcbDate\":\"2025-01-01T00:00:00Z\",\"tcbStatus\":\"OutOfDateConfigu"
	"rationNeeded\",\"advisoryIDs\":[\"SIM-SA-00005\"]},{\"tcb\":{\"sgxtcbcomponents\""
	":[{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},"
	"{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\""
	"svn\":1},{\"svn\":1}],\"pcesvn\":5},\"tcbDate\":\"2024-01-01T00:00:00Z\",\"tcbStat"
	"us\":\"OutOfDateConfigurationNeeded\",\"advisoryIDs\":[\"SIM-SA-00005\"]}]},\"si"
	"gnature\":\"d88d0d83425c296da9b2069894816bfd2cc9b5dbdcd89fd3fd21808890112e"
	"788d18e77ad09951730e8520307d7ca3dc5fb2fa6a07067e5e37651c36d360d26a\"}";

static const char revoked_tcb_info_text[] =
	"{\"tcbInfo\":{\"id\":\"SGX\",\"version\":3,\"issueDate\":\"2026-01-01T00:00:00Z\",\"n"
	"extUpdate\":\"2099-12-31T23:59:59Z\",\"fmspc\":\"53494d000000\",\"pceId\":\"0000\","
	"\"tcbType\":0,\"tcbEvaluationDataNumber\":3,\"tcbLevels\":[{\"tcb\":{\"sgxtcbcomp"
	"onents\":[{\"svn\":3},{\"svn\":3},{\"svn\":3},{\"svn\":3},{\"svn\":3},{\"svn\":3},{\"s"
	"vn\":3},{\"svn\":3},{\"svn\":3},{\"svn\":3},{\"svn\":3},{\"svn\":3},{\"svn\":3},{\"svn"
	"\":3},{\"svn\":3},{\"svn\":3}],\"pcesvn\":13},\"tcbDate\":\"2026-01-01T00:00:00Z\","
	"\"tcbStatus\":\"UpToDate\"},{\"tcb\":{\"sgxtcbcomponents\":[{\"svn\":2},{\"svn\":2},"
	"{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\""
	"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2}],\"pc"
	"esvn\":13},\"tcbDate\":\"2025-01-01T00:00:00Z\",\"tcbStatus\":\"Revoked\",\"adviso"
	"ryIDs\":[\"SIM-SA-00006\"]},{\"tcb\":{\"sgxtcbcomponents\":[{\"svn\":1},{\"svn\":1}"
	",{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{"
	"\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1}],\"p"
	"cesvn\":5},\"tcbDate\":\"2024-01-01T00:00:00Z\",\"tcbStatus\":\"Revoked\",\"adviso"
	"ryIDs\":[\"SIM-SA-00006\"]}]},\"signature\":\"e10974cb5cb4c43916dc0c650f2e7f69"
	"dbfe98bf12a7ed58a3fd201d1bda8576f20b51a29fd730413fbb1a307d2d09df38193159"
	"b92644d5dfe2573e05e32a57\"}";

static const char stale_tcb_info_text[] =
	"{\"tcbInfo\":{\"id\":\"SGX\",\"version\":3,\"issueDate\":\"2025-01-01T00:00:00Z\",\"n"
	"extUpdate\":\"2025-02-01T00:00:00Z\",\"fmspc\":\"53494d000000\",\"pceId\":\"0000\","
	"\"tcbType\":0,\"tcbEvaluationDataNumber\":1,\"tcbLevels\":[{\"tcb\":{\"sgxtcbcomp"
	"onents\":[{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"s"
	"vn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn"
	"\":2},{\"svn\":2},{\"svn\":2}],\"pcesvn\":13},\"tcbDate\":\"2025-01-01T00:00:00Z\","
	"\"tcbStatus\":\"UpToDate\"},{\"tcb\":{\"sgxtcbcomponents\":[{\"svn\":1},{\"svn\":1},"
	"{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\""
	"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1}],\"pc"
	"esvn\":5},\"tcbDate\":\"2024-01-01T00:00:00Z\",\"tcbStatus\":\"OutOfDate\"}]},\"si"
	"gnature\":\"c2c349af2201c1f623dddf2c1fe3fd99c431a3707f594dd205051f8808f2b3"
	"4252acd80df14ec3a75633c07cf51d1121af2e08433ba546c9d713e70c248f4d2d\"}";

static const char sw_hardening_needed_tcb_info_text[] =
	"{\"tcbInfo\":{\"id\":\"SGX\",\"version\":3,\"issueDate\":\"2026-01-01T00:00:00Z\",\"n"
	"extUpdate\":\"2099-12-31T23:59:59Z\",\"fmspc\":\"53494d000000\",\"pceId\":\"0000\","
	"\"tcbType\":0,\"tcbEvaluationDataNumber\":2,\"tcbLevels\":[{\"tcb\":{\"sgxtcbcomp"
	"onents\":[{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"s"
	"vn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn\":2},{\"svn"
	"\":2},{\"svn\":2},{\"svn\":2}],\"pcesvn\":13},\"tcbDate\":\"2026-01-01T00:00:00Z\","
	"\"tcbStatus\":\"SWHardeningNeeded\",\"advisoryIDs\":[\"SIM-SA-00001\"]},{\"tcb\":{"
	"\"sgxtcbcomponents\":[{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\""
	"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1},{\"sv"
	"n\":1},{\"svn\":1},{\"svn\":1},{\"svn\":1}],\"pcesvn\":5},\"tcbDate\":\"2024-01-01T0"
	"0:00:00Z\",\"tcbStatus\":\"OutOfDate\"}]},\"signature\":\"744b6712d7760a8807fdd8"
	"fd40ac0b46252097a306791d10599b0e50d6025e3638526edf4956b806020b4aa247cfff"
	"199f0d94457d6d6e9f4a7cb5dfccbe6b28\"}";

static const char up_to_date_tcb_info_text[] =
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
	"gnature\":\"01a79f993609aa6a761e80653aedc65d81fd7b3e3cabda70be497666339b6c"
	"229caf4ee7a6a97af6b8abd61bf304fa4742e8fdeb20fc3b5d584636bdbbddc9c7\"}";

static const char qe_out_of_date_qe_identity_text[] =
	"{\"enclaveIdentity\":{\"id\":\"QE\",\"version\":2,\"issueDate\":\"2026-01-01T00:00:"
	"00Z\",\"nextUpdate\":\"2099-12-31T23:59:59Z\",\"tcbEvaluationDataNumber\":3,\"mi"
	"scselect\":\"00000000\",\"miscselectMask\":\"FFFFFFFF\",\"attributes\":\"110000000"
	"00000000000000000000000\",\"attributesMask\":\"FBFFFFFFFFFFFFFF0000000000000"
	"000\",\"mrsigner\":\"E59BECB4EF1B271924E273ECCB93AD6DF0693A21ABAB9071507F4FD"
	"5D7490698\",\"isvprodid\":1,\"tcbLevels\":[{\"tcb\":{\"isvsvn\":2},\"tcbDate\":\"202"
	"6-01-01T00:00:00Z\",\"tcbStatus\":\"UpToDate\"},{\"tcb\":{\"isvsvn\":1},\"tcbDate\""
	":\"2025-01-01T00:00:00Z\",\"tcbStatus\":\"OutOfDate\",\"advisoryIDs\":[\"SIM-SA-0"
	"0007\"]}]},\"signature\":\"0a30733d40add7ae7c5eec767fc33208f7e8e82643f0d9d0f"
	"747af19b2ba669c39d35143b82c93e730cff3b1fa1bfc507e88c65866af846823701d134"
	"cdab662\"}";

static const char stale_qe_identity_text[] =
	"{\"enclaveIdentity\":{\"id\":\"QE\",\"version\":2,\"issueDate\":\"2025-01-01T00:00:"
	"00Z\",\"nextUpdate\":\"2025-02-01T00:00:00Z\",\"tcbEvaluationDataNumber\":1,\"mi"
	"scselect\":\"00000000\",\"miscselectMask\":\"FFFFFFFF\",\"attributes\":\"110000000"
	"00000000000000000000000\",\"attributesMask\":\"FBFFFFFFFFFFFFFF0000000000000"
	"000\",\"mrsigner\":\"E59BECB4EF1B271924E273ECCB93AD6DF0693A21ABAB9071507F4FD"
	"5D7490698\",\"isvprodid\":1,\"tcbLevels\":[{\"tcb\":{\"isvsvn\":1},\"tcbDate\":\"202"
	"5-01-01T00:00:00Z\",\"tcbStatus\":\"UpToDate\"}]},\"signature\":\"8dd11f26113843"
	"081bafd0fe0e629bc1d7fb525d7124a136f239d8fcd23a05b21e7c76371df899735d6e6a"
	"6e169a6ce6b5cdbdedc7f7c05de0684cd89e2935b5\"}";

static const char up_to_date_qe_identity_text[] =
	"{\"enclaveIdentity\":{\"id\":\"QE\",\"version\":2,\"issueDate\":\"2025-01-01T00:00:"
	"00Z\",\"nextUpdate\":\"2099-12-31T23:59:59Z\",\"tcbEvaluationDataNumber\":1,\"mi"
	"scselect\":\"00000000\",\"miscselectMask\":\"FFFFFFFF\",\"attributes\":\"110000000"
	"00000000000000000000000\",\"attributesMask\":\"FBFFFFFFFFFFFFFF0000000000000"
	"000\",\"mrsigner\":\"E59BECB4EF1B271924E273ECCB93AD6DF0693A21ABAB9071507F4FD"
	"5D7490698\",\"isvprodid\":1,\"tcbLevels\":[{\"tcb\":{\"isvsvn\":1},\"tcbDate\":\"202"
	"5-01-01T00:00:00Z\",\"tcbStatus\":\"UpToDate\"}]},\"signature\":\"b1f84d56ca7d1e"
	"f13c87e065786b2ddcbe46a8388facc9a797299a6e38d723d3b3dc3c8503bcc0b261d80a"
	"15221970917f2277699504a878b2b92f185b513320\"}";

#define VIEW(text) {(const uint8_t *)(text), sizeof(text) - 1}

const struct simulation_scenario simulation_scenarios[SIMULATION_SCENARIOS] = {
	{"up-to-date", "nothing to be done",
		VIEW(pck_crl_text), VIEW(up_to_date_tcb_info_text), VIEW(up_to_date_qe_identity_text)},
	{"sw-hardening-needed", "SWHardeningNeeded: enclaves must defend themselves",
		VIEW(pck_crl_text), VIEW(sw_hardening_needed_tcb_info_text), VIEW(up_to_date_qe_identity_text)},
	{"configuration-needed", "ConfigurationNeeded: the machine must be set up otherwise",
		VIEW(pck_crl_text), VIEW(configuration_needed_tcb_info_text), VIEW(up_to_date_qe_identity_text)},
	{"configuration-and-sw-hardening-needed", "both",
		VIEW(pck_crl_text), VIEW(configuration_and_sw_hardening_needed_tcb_info_text), VIEW(up_to_date_qe_identity_text)},
	{"out-of-date", "OutOfDate below SVN 3: a TCB recovery has begun",
		VIEW(pck_crl_text), VIEW(out_of_date_tcb_info_text), VIEW(up_to_date_qe_identity_text)},
	{"out-of-date-configuration-needed", "the same, and to be set up otherwise",
		VIEW(pck_crl_text), VIEW(out_of_date_configuration_needed_tcb_info_text), VIEW(up_to_date_qe_identity_text)},
	{"revoked", "Revoked below SVN 3",
		VIEW(pck_crl_text), VIEW(revoked_tcb_info_text), VIEW(up_to_date_qe_identity_text)},
	{"revoked-pck", "the PCK certificates below SVN 3 are on the revocation list",
		VIEW(revoked_pck_crl_text), VIEW(up_to_date_tcb_info_text), VIEW(up_to_date_qe_identity_text)},
	{"qe-out-of-date", "the quoting enclave is OutOfDate",
		VIEW(pck_crl_text), VIEW(up_to_date_tcb_info_text), VIEW(qe_out_of_date_qe_identity_text)},
	{"stale", "TCB info and QE identity have expired: nobody fetched newer ones",
		VIEW(pck_crl_text), VIEW(stale_tcb_info_text), VIEW(stale_qe_identity_text)},
};

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
