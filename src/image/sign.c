#include "image/sign.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/report.h"

#define PEM_SIZE_MAX 16384u

static void secret_free(struct rsa3072_secret **secret)
{
	rsa3072_free(*secret);
}

/* A PEM text in a buffer, wiped before it is freed. */
static void pem_free(struct buffer *pem)
{
	if (pem->ptr != NULL)
		wipe(pem->ptr, pem->len);
	file_free(pem);
}

/* -- the development key -- */

enum conclave_error development_key_path(char out[FILE_PATH_SIZE], struct conclave_report *report)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (config != NULL && config[0] == '/')
		return file_path(out, report, "%s/conclave/development-key.pem", config);
	if (home != NULL && home[0] == '/')
		return file_path(out, report, "%s/.config/conclave/development-key.pem", home);
	report_fill(report, "neither XDG_CONFIG_HOME nor HOME says where the development key is; "
			    "set one, or name a key with --key");
	return CONCLAVE_ERROR_NOT_FOUND;
}

/* All folders above a file. */
static enum conclave_error make_folders(const char *path, struct conclave_report *report)
{
	char folder[FILE_PATH_SIZE];
	TRY(file_path(folder, report, "%s", path));
	for (char *slash = strchr(folder + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		TRY(file_folder(folder, 0700, report));
		*slash = '/';
	}
	return CONCLAVE_OK;
}

/* Writes a new key beside `path`, then links it there: of two builds that both find no key, one
 * wins and both use the winner's. */
static enum conclave_error publish_key(
	const char *path, struct bytes pem, struct conclave_report *report)
{
	char beside[FILE_PATH_SIZE];

	TRY(file_path(beside, report, "%s.%ld", path, (long)getpid()));
	TRY(file_write(beside, pem, 0600, report));
	bool published = link(beside, path) == 0 || errno == EEXIST;
	if (!published)
		report_fill(report, "%.800s: %s", path, strerror(errno));
	unlink(beside);
	return published ? CONCLAVE_OK : CONCLAVE_ERROR_IO;
}

static enum conclave_error make_development_key(const char *path, struct conclave_report *report)
{
	CLEANUP(secret_free) struct rsa3072_secret *secret = NULL;
	uint8_t text[PEM_SIZE_MAX];
	struct writer writer = writer_of((struct buffer){text, sizeof(text)});

	TRY(make_folders(path, report));
	TRY(rsa3072_generate(&secret));
	TRY(rsa3072_write(&writer, secret));
	enum conclave_error error = publish_key(path, writer_bytes(&writer), report);
	wipe(text, sizeof(text));
	return error;
}

/* -- keys -- */

static enum conclave_error read_key(
	struct rsa3072_secret **out, const char *path, struct conclave_report *report)
{
	CLEANUP(pem_free) struct buffer pem = {0};
	TRY(file_read(&pem, path, PEM_SIZE_MAX, report));

	enum conclave_error error = rsa3072_read(out, bytes_of(pem.ptr, pem.len));
	if (error == CONCLAVE_ERROR_KEY)
		report_fill(report,
			"%.400s: SGX signs with RSA-3072 and exponent 3, this key is another; "
			"make one with: openssl genrsa -3 3072",
			path);
	else if (error != CONCLAVE_OK)
		report_fill(report, "%.800s: not a private key in PEM", path);
	return error;
}

static enum conclave_error open_key(
	struct rsa3072_secret **out, const struct signing *signing, struct conclave_report *report)
{
	char path[FILE_PATH_SIZE];

	if (signing->key != NULL)
		return read_key(out, signing->key, report);
	TRY(development_key_path(path, report));
	if (access(path, F_OK) != 0)
		TRY(make_development_key(path, report));
	return read_key(out, path, report);
}

/* -- SIGSTRUCT -- */

void image_identify(struct buffer file, const struct image *image, bool release, uint32_t date)
{
	struct sgx_sigstruct sigstruct;
	struct sgx_identity identity = {
		.attributes = {SGX_FLAG_MODE64BIT, image->layout->xfrm},
		/* Nothing is left open to the host, except DEBUG for development. */
		.attributemask = {UINT64_MAX, UINT64_MAX},
		.miscselect = 0,
		.miscmask = UINT32_MAX,
		.isvprodid = image->config->product_id,
		.isvsvn = image->config->security_version,
		.date = date,
	};

	if (!release)
		identity.attributemask.flags &= ~(uint64_t)SGX_FLAG_DEBUG;
	image_measure(identity.mrenclave, image);
	sgx_sigstruct_fill(&sigstruct, &identity);
	memcpy(file.ptr + image->sigstruct_offset, &sigstruct, sizeof(sigstruct));
}

static enum conclave_error complete(struct buffer file, const struct image *image,
	const uint8_t modulus[RSA3072_SIZE], const uint8_t signature[RSA3072_SIZE])
{
	struct sgx_sigstruct sigstruct = *image->sigstruct;
	TRY(sgx_sigstruct_complete(&sigstruct, modulus, signature));
	memcpy(file.ptr + image->sigstruct_offset, &sigstruct, sizeof(sigstruct));
	return CONCLAVE_OK;
}

enum conclave_error image_sign(struct buffer file, const struct image *image,
	const struct signing *signing, struct conclave_report *report)
{
	CLEANUP(secret_free) struct rsa3072_secret *secret = NULL;
	uint8_t material[SGX_SIGNING_MATERIAL_SIZE], modulus[RSA3072_SIZE], signature[RSA3072_SIZE];

	TRY(open_key(&secret, signing, report));
	image_identify(file, image, signing->release, signing->date);
	image_signing_material(material, image);
	rsa3072_modulus(modulus, secret);
	TRY(rsa3072_sign(signature, secret, BYTES_OF(material)));
	return complete(file, image, modulus, signature);
}

void image_signing_material(uint8_t material[SGX_SIGNING_MATERIAL_SIZE], const struct image *image)
{
	sgx_sigstruct_material(material, image->sigstruct);
}

enum conclave_error image_sign_offline(struct buffer file, const struct image *image,
	struct bytes signature, struct bytes public_key, struct conclave_report *report)
{
	uint8_t modulus[RSA3072_SIZE], reversed[RSA3072_SIZE];

	if (signature.len != RSA3072_SIZE)
		return report_fill(report,
			       "the signature has %zu bytes, must have %d: write it with openssl "
			       "dgst -sha256 -sign KEY.pem -out FILE",
			       signature.len, RSA3072_SIZE),
		       CONCLAVE_ERROR_FORMAT;
	for (size_t i = 0; i < RSA3072_SIZE; i++)
		reversed[i] = signature.ptr[RSA3072_SIZE - 1 - i];
	enum conclave_error error = rsa3072_read_public(modulus, public_key);
	if (error != CONCLAVE_OK)
		return report_fill(report,
			       "the public key: %s; wanted: openssl rsa -in KEY.pem "
			       "-pubout, RSA-3072 with exponent 3",
			       conclave_error_text(error)),
		       error;
	error = complete(file, image, modulus, reversed);
	if (error != CONCLAVE_OK)
		report_fill(report, "the signature is not by this key over this image's signing "
				    "material (was the image built again since?)");
	return error;
}
