/* What a guest module gives the runtime. src/image generates one C file per guest that includes
 * wasm2c's header and defines `guest_glue`; nothing else of the guest is known here.
 *
 *   static w2c_guest instance;
 *   static void instantiate(void)
 *   {
 *           memset(&instance, 0, sizeof(instance));
 *           wasm2c_guest_instantiate(&instance, NULL, NULL);    one NULL per imported module
 *   }
 *   static uint32_t on_mail(void) { return w2c_guest_conclave_on_mail(&instance); }
 *   const struct guest_glue guest_glue = { .instantiate = instantiate, .on_mail = on_mail, … };
 *
 * Imports receive NULL as their instance: there is one guest and one runtime. */
#ifndef ENCLAVE_GUEST_GLUE_H
#define ENCLAVE_GUEST_GLUE_H

#include <stdint.h>

struct guest_glue {
	void (*instantiate)(void); /* from zero: may be called again after a trap */
	/* Exports by abi/guest.h; NULL where the module has none. */
	void (*initialize)(void);
	uint32_t (*on_start)(void);
	uint32_t (*on_mail)(void);
	uint32_t (*on_mail_stream)(void);
	uint32_t (*on_call)(void);
	void (*on_stop)(void);
	/* Static room for the module's function tables: `table_elements` of wasm_rt_funcref_t
	 * (wasm-rt.h), the sum of their initial sizes; NULL and 0 without tables. None ever grows.
	 */
	void *tables;
	uint64_t table_elements;
};

extern const struct guest_glue guest_glue;

#endif
