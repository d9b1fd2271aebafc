/* Mail of any length in memory of one size: a packet and an opening. Pure; 64-bit sizes.
 *
 * Both are pushed: the caller feeds what it has, in pieces of any size, and takes what comes out,
 * until nothing of the piece is left. The bytes are those of mail_seal, and what mail_open takes.
 *
 *     struct bytes packet;
 *     TRY(mail_writer_begin(&opening, writer, &draft, ...));          send the opening
 *     while (from.len != 0) {
 *             TRY(mail_writer_push(&packet, writer, &from));          send packet
 *     }
 *     while (!mail_writer_ended(writer)) {
 *             TRY(mail_writer_end(&packet, writer, min_size));        send packet
 *     }
 *
 *     while (there is more) {
 *             TRY(mail_reader_push(&piece, reader, &from));           act on piece
 *     }
 *     TRY(mail_reader_end(reader));                                   only now is the mail whole
 *
 * What a reader gives out before its end is authentic and in order, but there may be no end to it:
 * whatever it causes must be undone unless mail_reader_end says OK. Both objects are large (66 and
 * 132 kB), hold secrets, and are wiped by the caller. One thread at a time. */
#ifndef MAIL_STREAM_H
#define MAIL_STREAM_H

#include "mail/reader.h"
#include "mail/writer.h"

#endif
