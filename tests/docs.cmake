# Documents whose marked commands are run; docs/run.sh says how they are marked.
foreach(document README.md docs/tutorial.md docs/attestation.md)
	string(REGEX REPLACE "[/.]" "_" name ${document})
	conclave_script_test(NAME ${name} KIND docs COMMAND docs/run.sh ${document})
endforeach()
conclave_script_test(NAME man KIND docs COMMAND docs/man.sh)
