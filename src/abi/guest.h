/* What a guest module exports and imports: the wall between the application and the runtime.
 *
 * A guest is a WebAssembly module (MVP with sign extension, bulk memory, mutable globals,
 * multi-value and non-trapping conversions), a WASI reactor. It exports its memory and any of:
 *
 *   _initialize()                constructors; called once per instance, first
 *   conclave_on_start() -> i32   0, or not 0 to refuse to start
 *   conclave_on_mail() -> i32    one mail, read through input_*; 0 handled, else declined
 *   conclave_on_mail_stream() -> i32
 *                                a mail of any size, whose body is read through mail_read alone;
 *                                any other mail too in a module without on_mail
 *   conclave_on_call() -> i32    one local call from the host; 0, else the call fails
 *   conclave_on_stop()           the host ends the enclave
 *
 * and may import from module "conclave" what follows: i32 unless said otherwise; pointers are
 * offsets in its memory; a range that does not lie in it traps; every result but sizes and numbers
 * is an enum conclave_error, 0 for success.
 *
 *   input_size(part) -> size
 *       part: enum guest_part; 0 for a part that this input does not have
 *   input_read(part, offset, ptr, len) -> size
 *       copies what there is, at most len
 *   mail_sequence() -> i64
 *   mail_read(ptr, len) -> size
 *       the body of this mail as a file is read: fills the range from where the last call ended,
 *       less than len only at the end. Of a streamed mail it comes in while it is read, and each
 *       byte is authentic; but if the mail turns out altered or cut the guest is stopped, and
 *       nothing it did is kept. In on_mail and on_mail_stream; 0 elsewhere
 *   reply(body, body_len, envelope, envelope_len)
 *       to the sender of this mail, on its topic. Errors: STATE (not in on_mail), LIMIT
 *   post(key, topic, topic_len, body, body_len, envelope, envelope_len)
 *       key: 32 bytes, somebody who has sent this enclave mail since it started.
 *       Errors: STATE (not in on_mail or on_call), NOT_FOUND, FORMAT (topic), LIMIT
 *   answer(ptr, len)
 *       appends to what on_call answers. Errors: STATE (not in on_call), LIMIT
 *   sign(ptr, len, signature)
 *       Ed25519 by the enclave's signing key over "conclave guest signature\0" and the bytes; 64
 *       bytes out. Errors: LIMIT
 *   log(ptr, len)
 *       text for the console; dropped without DEBUG
 *
 * and from "wasi_snapshot_preview1" what docs/spec/image.md lists. Anything else: `conclave build`
 * refuses and names it.
 *
 * What a guest does while it handles one input takes effect only if it returns 0: posts, answers
 * and files of a trapped or declined input are undone, and after a trap the module is instantiated
 * afresh. Memory is a cache; what must last goes into files. */
#ifndef ABI_GUEST_H
#define ABI_GUEST_H

enum guest_part {
	GUEST_PART_BODY = 0, /* of a mail; or the bytes of a call */
	GUEST_PART_ENVELOPE = 1,
	GUEST_PART_TOPIC = 2,
	GUEST_PART_SENDER = 3, /* 32 bytes, X25519 */
};

#endif
