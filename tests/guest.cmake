set(auction ${CMAKE_SOURCE_DIR}/examples/auction/guest)
conclave_test(NAME auction KIND unit LIBRARIES guest_mock
	SOURCES unit/auction.c ${auction}/auction.c ${auction}/amount.c ${auction}/book.c)
