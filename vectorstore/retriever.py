"""The hybrid search as a LangChain retriever."""

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from vectorstore.generations import Generation
from vectorstore.search import Mode, search


class HybridRetriever(BaseRetriever):
    """Passages of a generation as Documents; metadata holds passage, release, start, end, title and score."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    generation: Generation
    limit: int = 10
    mode: Mode = "fused"

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:  # noqa: ARG002
        return [
            Document(
                page_content=hit.passage.text,
                id=hit.passage.id,
                metadata={
                    "passage": hit.passage.id,
                    "release": hit.passage.release,
                    "start": hit.passage.start,
                    "end": hit.passage.end,
                    "title": hit.passage.title,
                    "score": hit.score,
                },
            )
            for hit in search(self.generation, query, self.limit, mode=self.mode)
        ]
